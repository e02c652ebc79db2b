package dev.troupe.actors.wire;

import akka.actor.typed.ActorRefResolver;
import java.io.NotSerializableException;
import java.nio.BufferUnderflowException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Codecs of one kind: each form begins with a byte that is the version of the format, and is then
 * written by the codec of its type. A form of another version is refused, never guessed at.
 */
final class CodecBook {
  private final int format;
  private final String noun;
  private final String hint;
  private final List<Codec<?>> codecs;
  private final Map<Class<?>, Codec<?>> byType;
  private final Map<String, Codec<?>> byManifest;

  /**
   * @param format version of the format
   * @param noun what is written, for sentences: {@code message}
   * @param hint what to do about a form that cannot be read
   */
  CodecBook(int format, String noun, String hint, List<Codec<?>> codecs) {
    this.format = format;
    this.noun = noun;
    this.hint = hint;
    this.codecs = List.copyOf(codecs);
    this.byType =
        codecs.stream().collect(Collectors.toUnmodifiableMap(Codec::type, Function.identity()));
    this.byManifest =
        codecs.stream().collect(Collectors.toUnmodifiableMap(Codec::manifest, Function.identity()));
  }

  List<Class<?>> types() {
    return codecs.stream().<Class<?>>map(Codec::type).toList();
  }

  /** The name of the type of a value. */
  String manifest(Object value) {
    return codec(value).manifest();
  }

  /**
   * The form of a value.
   *
   * @param resolver of references to actors; null where there are none
   */
  byte[] write(Object value, ActorRefResolver resolver) {
    var w = new WireWriter(resolver);
    w.byteValue(format);
    codec(value).write(w, value);
    return w.bytes();
  }

  private Codec<?> codec(Object value) {
    Codec<?> codec = byType.get(value.getClass());
    if (codec == null) {
      throw new IllegalArgumentException(
          value.getClass().getName() + " stays within its process: it has no form in bytes");
    }
    return codec;
  }

  /** The value of a form. */
  Object read(byte[] bytes, String manifest, ActorRefResolver resolver)
      throws NotSerializableException {
    Codec<?> codec = byManifest.get(manifest);
    if (codec == null) {
      throw new NotSerializableException(
          "This program knows no %s \"%s\"; %s.".formatted(noun, manifest, hint));
    }
    var r = new WireReader(resolver, bytes);
    try {
      int found = r.byteValue();
      if (found != format) {
        throw new NotSerializableException(
            "A %s \"%s\" came in format %d, but this program reads format %d; %s."
                .formatted(noun, manifest, found, format, hint));
      }
      Object value = codec.read().apply(r);
      r.end();
      return value;
    } catch (BufferUnderflowException
        | IllegalArgumentException
        | ArithmeticException
        | IndexOutOfBoundsException e) {
      throw new NotSerializableException(
          "A %s \"%s\" of %d bytes is damaged: %s".formatted(noun, manifest, bytes.length, e));
    }
  }
}
