package dev.troupe.actors.wire;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Writes one message. */
final class WireWriter {
  private static final int FIRST_CAPACITY = 512;
  private static final int SEVEN_BITS = 0x7f;
  private static final int MORE = 0x80;
  private static final int BITS = 7;

  private final ActorRefResolver resolver;
  private final Map<Object, Integer> seen = new HashMap<>();
  private ByteBuffer out = ByteBuffer.allocate(FIRST_CAPACITY).order(ByteOrder.LITTLE_ENDIAN);

  WireWriter(ActorRefResolver resolver) {
    this.resolver = resolver;
  }

  byte[] bytes() {
    return Arrays.copyOf(out.array(), out.position());
  }

  private ByteBuffer room(int bytes) {
    if (out.remaining() < bytes) {
      int capacity = Math.max(2 * out.capacity(), out.position() + bytes);
      out =
          ByteBuffer.allocate(capacity)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(out.array(), 0, out.position());
    }
    return out;
  }

  void flag(boolean value) {
    room(1).put((byte) (value ? 1 : 0));
  }

  void byteValue(int value) {
    room(1).put((byte) value);
  }

  /** A count or an id, which is 0 or more, in groups of seven bits, the lowest first. */
  void count(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("count " + value + " is negative");
    }
    long rest = value;
    while (rest > SEVEN_BITS) {
      room(1).put((byte) (rest & SEVEN_BITS | MORE));
      rest >>>= BITS;
    }
    room(1).put((byte) rest);
  }

  /** Any long: eight bytes. */
  void fixed(long value) {
    room(Long.BYTES).putLong(value);
  }

  void decimal(double value) {
    room(Double.BYTES).putDouble(value);
  }

  void text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    count(utf8.length);
    room(utf8.length).put(utf8);
  }

  void raw(byte[] bytes) {
    room(bytes.length).put(bytes);
  }

  /** Token ids. */
  void ids(int[] values) {
    count(values.length);
    for (int value : values) {
      count(value);
    }
  }

  void floats(float[] values) {
    count(values.length);
    ByteBuffer target = room(values.length * Float.BYTES);
    target.asFloatBuffer().put(values);
    target.position(target.position() + values.length * Float.BYTES);
  }

  void ref(ActorRef<?> value) {
    optional(value, (w, it) -> w.text(resolver.toSerializationFormat(it)));
  }

  <T> void list(Collection<T> values, BiConsumer<WireWriter, T> element) {
    count(values.size());
    values.forEach(value -> element.accept(this, value));
  }

  /** A value or null. */
  <T> void optional(T value, BiConsumer<WireWriter, T> content) {
    flag(value != null);
    if (value != null) {
      content.accept(this, value);
    }
  }

  /** A value that may come again in the same message and is written once; not null. */
  <T> void shared(T value, BiConsumer<WireWriter, T> content) {
    Integer known = seen.get(value);
    if (known != null) {
      count(known + 1L);
      return;
    }
    count(0);
    content.accept(this, value);
    seen.put(value, seen.size());
  }
}
