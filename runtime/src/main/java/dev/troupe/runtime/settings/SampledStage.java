package dev.troupe.runtime.settings;

/** A stage that trains on completions: it samples them and moves weights by gradients. */
public interface SampledStage extends TrainedStage, RolloutStage {}
