package dev.troupe.runtime.settings;

/** A stage that trains on completions; its {@code sampling} section has shared defaults. */
public interface SampledStage extends TrainedStage {

  /**
   * @return how completions are sampled
   */
  SamplingSettings sampling();
}
