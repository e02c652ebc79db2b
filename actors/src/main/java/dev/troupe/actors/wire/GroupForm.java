package dev.troupe.actors.wire;

import dev.troupe.actors.experience.FinishedGroup;
import java.io.NotSerializableException;
import java.util.List;

/** The form in which the ledger holds a finished group. */
public final class GroupForm {
  /** Raised whenever the bytes change; groups in another format are sampled again. */
  static final int FORMAT = 3;

  private static final String GROUP = "group";

  private static final CodecBook BOOK =
      new CodecBook(
          FORMAT,
          "finished",
          "it was written by another version of the program",
          List.of(
              new Codec<>(
                  GROUP,
                  FinishedGroup.class,
                  (w, it) -> {
                    Values.scored(w, it.scored());
                    w.count(it.generateNanos());
                    w.count(it.rewardNanos());
                  },
                  r -> new FinishedGroup(Values.scored(r), r.count(), r.count()))));

  private GroupForm() {}

  /** Writes a group. */
  public static byte[] write(FinishedGroup group) {
    return BOOK.write(group, null);
  }

  /** Reads a group; what cannot be one is refused. */
  public static FinishedGroup read(byte[] bytes) throws NotSerializableException {
    return (FinishedGroup) BOOK.read(bytes, GROUP, null);
  }
}
