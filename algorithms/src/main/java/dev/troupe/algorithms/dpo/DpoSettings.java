package dev.troupe.algorithms.dpo;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * The choices of DPO.
 *
 * @param beta strength of the pull to the reference, reward per nat, above 0; 0.1 is usual
 * @param labelSmoothing assumed fraction of wrong labels, in [0, 0.5); 0 is the published loss
 */
public record DpoSettings(double beta, double labelSmoothing) {
  /**
   * Checks both parts.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public DpoSettings {
    List<String> problems = new ArrayList<>();
    if (!(beta > 0 && beta < Double.POSITIVE_INFINITY)) {
      problems.add("beta is " + beta + ", expected a number above 0");
    }
    if (!(labelSmoothing >= 0 && labelSmoothing < 0.5)) {
      problems.add("labelSmoothing is " + labelSmoothing + ", expected a number in [0, 0.5)");
    }
    Require.none("DPO settings", problems);
  }
}
