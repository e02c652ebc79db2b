package dev.troupe.runtime.settings;

/** A stage that learns from completions; its {@code sampling} section has shared defaults. */
public interface RolloutStage extends StageSettings {

  /**
   * @return how completions are sampled
   */
  SamplingSettings sampling();
}
