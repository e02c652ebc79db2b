package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * 1 if a part of the completion is what the example knows to be the final answer, white space at
 * both ends aside, else 0: for completions that also think, or say how sure they are.
 */
public final class FinalAnswer implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "final-answer";

  private final String field;
  private final Optional<String> after;
  private final Optional<String> until;

  private FinalAnswer(String field, Optional<String> after, Optional<String> until) {
    this.field = field;
    this.after = after;
    this.until = until;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    String field = reward.text("field");
    Optional<String> after = reward.optional("after", reward::text);
    Optional<String> until = reward.optional("until", reward::text);
    return () -> new FinalAnswer(field, after, until);
  }

  @Override
  public String name() {
    return KIND;
  }

  @Override
  public boolean isVerifiable() {
    return true;
  }

  /**
   * @throws IllegalStateException if the example has no such field
   */
  @Override
  public double score(Example example, String completion) {
    String wanted = example.fields().get(field);
    if (wanted == null) {
      throw new IllegalStateException(
          "example %s has no field %s, only %s"
              .formatted(example.id(), field, example.fields().keySet()));
    }
    return part(completion).strip().equals(wanted) ? 1 : 0;
  }

  /** What stands behind the first text and before the second; all where they are not. */
  private String part(String completion) {
    String part = completion;
    int begin = after.map(part::indexOf).orElse(-1);
    if (begin >= 0) {
      part = part.substring(begin + after.orElseThrow().length());
    }
    int end = until.map(part::indexOf).orElse(-1);
    return end < 0 ? part : part.substring(0, end);
  }
}
