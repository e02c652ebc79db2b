package dev.troupe.actors.wire;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads one message; what cannot be one is refused with an {@link IllegalArgumentException}. */
final class WireReader {
  private static final int SEVEN_BITS = 0x7f;
  private static final int MORE = 0x80;
  private static final int BITS = 7;
  private static final int LAST_SHIFT = 56;

  private final ActorRefResolver resolver;
  private final List<Object> seen = new ArrayList<>();
  private final ByteBuffer in;

  WireReader(ActorRefResolver resolver, byte[] bytes) {
    this.resolver = resolver;
    this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Refuses bytes behind the message. */
  void end() {
    if (in.hasRemaining()) {
      throw new IllegalArgumentException(in.remaining() + " bytes follow the message");
    }
  }

  boolean flag() {
    return in.get() != 0;
  }

  int byteValue() {
    return in.get() & 0xff;
  }

  long count() {
    long value = 0;
    for (int shift = 0; shift <= LAST_SHIFT; shift += BITS) {
      byte group = in.get();
      value |= (long) (group & SEVEN_BITS) << shift;
      if ((group & MORE) == 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a count of more than 63 bits");
  }

  int size() {
    return Math.toIntExact(count());
  }

  /** A number of things that still follow, each of at least so many bytes. */
  private int length(int bytesEach) {
    long length = count();
    if (length > in.remaining() / bytesEach) {
      throw new IllegalArgumentException(
          "the message breaks off: %d elements announced, %d bytes left"
              .formatted(length, in.remaining()));
    }
    return (int) length;
  }

  long fixed() {
    return in.getLong();
  }

  double decimal() {
    return in.getDouble();
  }

  String text() {
    return new String(raw(length(1)), StandardCharsets.UTF_8);
  }

  byte[] raw(int length) {
    var bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  int[] ids() {
    var values = new int[length(1)];
    for (int i = 0; i < values.length; i++) {
      values[i] = size();
    }
    return values;
  }

  float[] floats() {
    var values = new float[length(Float.BYTES)];
    in.asFloatBuffer().get(values);
    in.position(in.position() + values.length * Float.BYTES);
    return values;
  }

  <T> ActorRef<T> ref() {
    return flag() ? resolver.resolveActorRef(text()) : null;
  }

  <T> List<T> list(Function<WireReader, T> element) {
    int length = length(1);
    var values = new ArrayList<T>(length);
    for (int i = 0; i < length; i++) {
      values.add(element.apply(this));
    }
    return values;
  }

  <T> T optional(Function<WireReader, T> content) {
    return flag() ? content.apply(this) : null;
  }

  /** What {@link WireWriter#shared} wrote; the writer's order decides the type. */
  @SuppressWarnings("unchecked")
  <T> T shared(Function<WireReader, T> content) {
    int known = size();
    if (known > 0) {
      return (T) seen.get(known - 1);
    }
    T value = content.apply(this);
    seen.add(value);
    return value;
  }

  <E extends Enum<E>> E choice(Class<E> type) {
    E[] values = type.getEnumConstants();
    int index = byteValue();
    if (index >= values.length) {
      throw new IllegalArgumentException("no " + type.getSimpleName() + " has number " + index);
    }
    return values[index];
  }
}
