package dev.troupe.runtime.reward;

import dev.troupe.runtime.settings.Checked;
import java.util.Optional;

/**
 * The part of a completion that is judged: what stands behind one text and before another; all of
 * it where they are not.
 *
 * @param after text behind which the part begins; empty = at the beginning
 * @param until text before which it ends; empty = at the end
 */
record TextPart(Optional<String> after, Optional<String> until) {

  /** Reads the keys {@code after} and {@code until}. */
  static TextPart read(Checked reward) {
    return new TextPart(
        reward.optional("after", reward::text), reward.optional("until", reward::text));
  }

  /** The part of a text. */
  String of(String text) {
    String part = text;
    int begin = after.map(part::indexOf).orElse(-1);
    if (begin >= 0) {
      part = part.substring(begin + after.orElseThrow().length());
    }
    int end = until.map(part::indexOf).orElse(-1);
    return end < 0 ? part : part.substring(0, end);
  }
}
