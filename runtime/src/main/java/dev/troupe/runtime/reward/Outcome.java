package dev.troupe.runtime.reward;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What became of judging a completion. A failure is not a score of 0: nothing is known then. */
public sealed interface Outcome permits Outcome.Scored, Outcome.Failed {

  /**
   * A completion with its score.
   *
   * @param total what is trained on: the weighted sum of the components; finite
   * @param components the score of each component by name, before weighting, in the order of the
   *     settings; finite
   */
  record Scored(double total, Map<String, Double> components) implements Outcome {
    /** Copies the components, keeping their order, and refuses what is not a finite number. */
    public Scored {
      components = Collections.unmodifiableMap(new LinkedHashMap<>(components));
      requireFinite("total", total);
      components.forEach(Scored::requireFinite);
    }

    private static void requireFinite(String name, double value) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("the score " + name + " = " + value + " is not finite");
      }
    }
  }

  /**
   * A completion without a score.
   *
   * @param reason what happened, for a person
   */
  record Failed(String reason) implements Outcome {
    /** Refuses an empty reason. */
    public Failed {
      if (reason.isBlank()) {
        throw new IllegalArgumentException("a failure needs a reason");
      }
    }
  }
}
