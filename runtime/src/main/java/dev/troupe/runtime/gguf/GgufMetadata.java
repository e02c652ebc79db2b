package dev.troupe.runtime.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The keys and values at the head of a file, in the order in which they were put. */
final class GgufMetadata {
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final LittleEndian bytes = new LittleEndian();
  private final Set<String> keys = new HashSet<>();

  GgufMetadata text(String key, String value) {
    begin(key, STRING);
    bytes.text(value);
    return this;
  }

  /** A number that is never negative, as {@code uint32}. */
  GgufMetadata count(String key, int value) {
    begin(key, UINT32);
    bytes.uint32(value);
    return this;
  }

  GgufMetadata number(String key, double value) {
    begin(key, FLOAT32);
    bytes.float32((float) value);
    return this;
  }

  GgufMetadata flag(String key, boolean value) {
    begin(key, BOOL);
    bytes.uint8(value ? 1 : 0);
    return this;
  }

  GgufMetadata texts(String key, List<String> values) {
    array(key, STRING, values.size());
    values.forEach(bytes::text);
    return this;
  }

  GgufMetadata numbers(String key, List<Float> values) {
    array(key, FLOAT32, values.size());
    values.forEach(bytes::float32);
    return this;
  }

  /** Numbers as {@code int32}. */
  GgufMetadata codes(String key, List<Integer> values) {
    array(key, INT32, values.size());
    values.forEach(bytes::uint32);
    return this;
  }

  private void array(String key, int type, int length) {
    begin(key, ARRAY);
    bytes.uint32(type);
    bytes.uint64(length);
  }

  private void begin(String key, int type) {
    if (!keys.add(key)) {
      throw new IllegalArgumentException("metadata key " + key + " was put twice");
    }
    bytes.text(key);
    bytes.uint32(type);
  }

  int size() {
    return keys.size();
  }

  byte[] toBytes() {
    return bytes.toBytes();
  }

  /** Bytes that grow, numbers with the lowest byte first. */
  static final class LittleEndian {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void uint8(int value) {
      bytes.write(value);
    }

    void uint32(int value) {
      for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
        bytes.write(value >>> shift);
      }
    }

    void uint64(long value) {
      uint32((int) value);
      uint32((int) (value >>> Integer.SIZE));
    }

    void float32(float value) {
      uint32(Float.floatToRawIntBits(value));
    }

    void text(String value) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      uint64(utf8.length);
      raw(utf8);
    }

    void raw(byte[] value) {
      bytes.writeBytes(value);
    }

    int size() {
      return bytes.size();
    }

    byte[] toBytes() {
      return bytes.toByteArray();
    }
  }
}
