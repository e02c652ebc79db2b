package dev.troupe.runtime.settings;

import java.util.Optional;

/** A stage that may end with low-rank adapters beside the weights they are added to. */
public interface AdaptedStage extends StageSettings {

  /**
   * @return the adapters it ends with; empty if it ends with plain weights
   */
  Optional<LoraSettings> adapters();
}
