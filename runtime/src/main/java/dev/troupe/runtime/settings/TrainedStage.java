package dev.troupe.runtime.settings;

/** A stage that moves weights by gradients; its {@code optimizer} section has shared defaults. */
public interface TrainedStage extends StageSettings {

  /**
   * @return how the weights are moved
   */
  OptimizerSettings optimizer();

  /**
   * @return models that are trained, each with an optimizer of its own
   */
  default int trainedModels() {
    return 1;
  }

  /**
   * @return models that are held unchanged while the stage runs, beside those it trains
   */
  default int frozenModels() {
    return 0;
  }
}
