package dev.troupe.actors.wire;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import java.io.NotSerializableException;
import java.nio.BufferUnderflowException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Akka's serializer for all messages marked as {@link dev.troupe.actors.protocol.WireMessage}. The
 * first byte is the version of the format: a message of another version is refused, never guessed
 * at.
 */
public final class WireSerializer extends SerializerWithStringManifest {
  /** Raised whenever the bytes of any message change. */
  static final int FORMAT = 2;

  private static final int IDENTIFIER = 7_101_926;

  private static final List<Codec<?>> CODECS = Codecs.all();
  private static final Map<Class<?>, Codec<?>> BY_TYPE =
      CODECS.stream().collect(Collectors.toUnmodifiableMap(Codec::type, Function.identity()));
  private static final Map<String, Codec<?>> BY_MANIFEST =
      CODECS.stream().collect(Collectors.toUnmodifiableMap(Codec::manifest, Function.identity()));

  private final ExtendedActorSystem system;

  /** Made by Akka, by reflection. */
  public WireSerializer(ExtendedActorSystem system) {
    this.system = system;
  }

  /** The messages it knows. */
  static List<Class<?>> types() {
    return CODECS.stream().<Class<?>>map(Codec::type).toList();
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    return codec(message).manifest();
  }

  @Override
  public byte[] toBinary(Object message) {
    var w = new WireWriter(resolver());
    w.byteValue(FORMAT);
    codec(message).write(w, message);
    return w.bytes();
  }

  private static Codec<?> codec(Object message) {
    Codec<?> codec = BY_TYPE.get(message.getClass());
    if (codec == null) {
      throw new IllegalArgumentException(
          message.getClass().getName() + " stays within its process: it has no form in bytes");
    }
    return codec;
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    Codec<?> codec = BY_MANIFEST.get(manifest);
    if (codec == null) {
      throw new NotSerializableException(
          "This program knows no message \"%s\"; all nodes must run the same program."
              .formatted(manifest));
    }
    var r = new WireReader(resolver(), bytes);
    try {
      int format = r.byteValue();
      if (format != FORMAT) {
        throw new NotSerializableException(
            "A message \"%s\" came in format %d, but this program reads format %d; all nodes must run the same program."
                .formatted(manifest, format, FORMAT));
      }
      Object message = codec.read().apply(r);
      r.end();
      return message;
    } catch (BufferUnderflowException
        | IllegalArgumentException
        | ArithmeticException
        | IndexOutOfBoundsException e) {
      throw new NotSerializableException(
          "A message \"%s\" of %d bytes is damaged: %s".formatted(manifest, bytes.length, e));
    }
  }

  private ActorRefResolver resolver() {
    return ActorRefResolver.get(Adapter.toTyped(system));
  }
}
