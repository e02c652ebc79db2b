package dev.troupe.actors.wire;

import akka.serialization.SerializerWithStringManifest;
import java.io.NotSerializableException;
import java.util.List;

/**
 * Akka's serializer for the {@linkplain dev.troupe.actors.journal.Decision decisions} in a journal,
 * which later versions of the program have to read as well.
 */
public final class JournalSerializer extends SerializerWithStringManifest {
  /** Raised when the bytes of any decision change; then codecs of the format before stay. */
  static final int FORMAT = 1;

  private static final int IDENTIFIER = 7_101_927;

  private static final CodecBook BOOK =
      new CodecBook(
          FORMAT,
          "decision",
          "the journal was written by a newer program: go on with that one",
          DecisionCodecs.all());

  /** The decisions it knows. */
  static List<Class<?>> types() {
    return BOOK.types();
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object decision) {
    return BOOK.manifest(decision);
  }

  @Override
  public byte[] toBinary(Object decision) {
    return BOOK.write(decision, null);
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    return BOOK.read(bytes, manifest, null);
  }
}
