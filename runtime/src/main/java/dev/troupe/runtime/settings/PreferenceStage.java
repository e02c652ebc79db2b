package dev.troupe.runtime.settings;

/**
 * A stage that learns which completions are better: its starting policy samples them, once and for
 * all, and graded rewards of its own rank them.
 */
public interface PreferenceStage extends SampledStage {

  /**
   * @return optimizer steps
   */
  int steps();

  /**
   * @return the completions that are compared
   */
  Comparisons comparisons();

  @Override
  default SamplingSettings sampling() {
    return comparisons().sampling();
  }
}
