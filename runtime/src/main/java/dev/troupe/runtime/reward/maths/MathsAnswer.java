package dev.troupe.runtime.reward.maths;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.Checked;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * 1 if the final answer of the completion says the same as the example's, else 0: {@code \frac12},
 * 0.5 and 50% are one answer, so are 1,234 and 1234, (x+1)^2 and x^2+2x+1, "5 cm" and 5.
 *
 * <p>The final answer is the last {@code \boxed{...}}; else what follows the last {@code ####},
 * "A:" or "the answer is"; else the last formula between dollar signs; else the last number.
 */
public final class MathsAnswer implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "maths-answer";

  private final Optional<String> field;

  private MathsAnswer(Optional<String> field) {
    this.field = field;
  }

  /** The {@code RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    Optional<String> field = reward.optional("field", reward::text);
    return () -> new MathsAnswer(field);
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
   * @throws IllegalStateException if the example has no answer, or no such field
   */
  @Override
  public double score(Example example, String completion) {
    String wanted =
        field
            .map(
                name ->
                    Optional.ofNullable(example.fields().get(name))
                        .orElseThrow(
                            () ->
                                new IllegalStateException(
                                    "example %s has no field %s".formatted(example.id(), name))))
            .orElseGet(example::requireAnswer);
    boolean isMarked = wanted.contains("\\boxed") || wanted.contains("#### ");
    return MathsEquality.areEqual(
            isMarked ? MathsText.answer(wanted) : wanted, MathsText.answer(completion))
        ? 1
        : 0;
  }
}
