package dev.troupe.runtime.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The few messages of TensorFlow's {@code event.proto} and {@code summary.proto} that scalars need,
 * and the record format around them.
 *
 * <pre>
 * Event   { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5;
 *           SessionLog session_log = 7; }
 * Summary { repeated Value value = 1; }   Value { string tag = 1; float simple_value = 2; }
 * SessionLog { SessionStatus status = 1; }   START = 1
 * </pre>
 */
final class TensorBoardEvent {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int SESSION_START = 1;

  private TensorBoardEvent() {}

  /** The event that opens every file. */
  static byte[] fileVersion(double wallTime) {
    var event = new Message().putDouble(1, wallTime).putBytes(3, "brain.Event:2".getBytes(UTF_8));
    return event.toByteArray();
  }

  /** Tells TensorBoard to forget earlier events whose step is this one or later. */
  static byte[] restartAt(double wallTime, long step) {
    byte[] sessionLog = new Message().putVarint(1, SESSION_START).toByteArray();
    return new Message()
        .putDouble(1, wallTime)
        .putVarint(2, step)
        .putBytes(7, sessionLog)
        .toByteArray();
  }

  /** One event with a scalar for each value. */
  static byte[] scalars(double wallTime, long step, Map<String, Double> values) {
    var summary = new Message();
    values.forEach(
        (tag, value) -> {
          var scalar =
              new Message().putBytes(1, tag.getBytes(UTF_8)).putFloat(2, value.floatValue());
          summary.putBytes(1, scalar.toByteArray());
        });
    return new Message()
        .putDouble(1, wallTime)
        .putVarint(2, step)
        .putBytes(5, summary.toByteArray())
        .toByteArray();
  }

  /**
   * Frames an event as a TFRecord: length (u64), its masked CRC, the bytes, their masked CRC; all
   * little endian.
   */
  static byte[] frame(byte[] event) {
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + event.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(event.length);
    record.putInt(maskedCrc(record.array(), 0, Long.BYTES));
    record.put(event);
    record.putInt(maskedCrc(event, 0, event.length));
    return record.array();
  }

  /** CRC32C, rotated and shifted so that a CRC over data with CRCs inside stays strong. */
  static int maskedCrc(byte[] bytes, int offset, int length) {
    var crc = new CRC32C();
    crc.update(bytes, offset, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  /** A protobuf message under construction. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message putVarint(int field, long value) {
      key(field, VARINT);
      varint(value);
      return this;
    }

    Message putDouble(int field, double value) {
      key(field, FIXED64);
      fixed(Long.BYTES, Double.doubleToLongBits(value));
      return this;
    }

    Message putFloat(int field, float value) {
      key(field, FIXED32);
      fixed(Float.BYTES, Float.floatToIntBits(value));
      return this;
    }

    Message putBytes(int field, byte[] value) {
      key(field, BYTES);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    byte[] toByteArray() {
      return out.toByteArray();
    }

    private void key(int field, int wireType) {
      varint((long) field << 3 | wireType);
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) (rest & 0x7f | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }

    private void fixed(int bytes, long bits) {
      for (int i = 0; i < bytes; i++) {
        out.write((int) (bits >>> 8 * i));
      }
    }
  }
}
