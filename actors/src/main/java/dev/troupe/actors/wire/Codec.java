package dev.troupe.actors.wire;

import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * How one type of message is written and read.
 *
 * @param manifest its name in the envelope; never used for anything else later
 * @param type the record
 */
record Codec<T>(
    String manifest, Class<T> type, BiConsumer<WireWriter, T> write, Function<WireReader, T> read) {

  void write(WireWriter w, Object message) {
    write.accept(w, type.cast(message));
  }
}
