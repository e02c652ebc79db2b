package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.util.function.Supplier;

/**
 * 1 if a part of the completion is what the example knows to be the final answer, white space at
 * both ends aside, else 0: for completions that also think, or say how sure they are.
 */
public final class FinalAnswer implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "final-answer";

  private final String field;
  private final TextPart part;

  private FinalAnswer(String field, TextPart part) {
    this.field = field;
    this.part = part;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    String field = reward.text("field");
    TextPart part = TextPart.read(reward);
    return () -> new FinalAnswer(field, part);
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
    return part.of(completion).strip().equals(Fields.require(example, field)) ? 1 : 0;
  }
}
