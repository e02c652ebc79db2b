package dev.troupe.actors.wire;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import java.io.NotSerializableException;
import java.util.List;

/**
 * Akka's serializer for all messages marked as {@link dev.troupe.actors.protocol.WireMessage}. The
 * first byte is the version of the format: a message of another version is refused, never guessed
 * at.
 */
public final class WireSerializer extends SerializerWithStringManifest {
  /** Raised whenever the bytes of any message change. */
  static final int FORMAT = 3;

  private static final int IDENTIFIER = 7_101_926;

  private static final CodecBook BOOK =
      new CodecBook(FORMAT, "message", "all nodes must run the same program", Codecs.all());

  private final ExtendedActorSystem system;

  /** Made by Akka, by reflection. */
  public WireSerializer(ExtendedActorSystem system) {
    this.system = system;
  }

  /** The messages it knows. */
  static List<Class<?>> types() {
    return BOOK.types();
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    return BOOK.manifest(message);
  }

  @Override
  public byte[] toBinary(Object message) {
    return BOOK.write(message, resolver());
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    return BOOK.read(bytes, manifest, resolver());
  }

  private ActorRefResolver resolver() {
    return ActorRefResolver.get(Adapter.toTyped(system));
  }
}
