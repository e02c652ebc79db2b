package dev.troupe.runtime.settings;

/** A stage that moves weights by gradients; its {@code optimizer} section has shared defaults. */
public interface TrainedStage extends StageSettings {

  /**
   * @return how the weights are moved
   */
  OptimizerSettings optimizer();

  /**
   * @return models that are held unchanged while the stage runs, beside the one it trains
   */
  default int frozenModels() {
    return 0;
  }
}
