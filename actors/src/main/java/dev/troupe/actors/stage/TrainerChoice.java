package dev.troupe.actors.stage;

import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.settings.OptimizerSettings;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.training.LearningRate;
import dev.troupe.runtime.training.TrainerSettings;
import java.util.Locale;
import java.util.stream.Collectors;

/** Settings of people as settings of the trainer. */
final class TrainerChoice {
  private TrainerChoice() {}

  static NumericType compute(RunSettings run) {
    return NumericType.valueOf(run.compute().name());
  }

  /**
   * @param optimizerSteps of the whole stage, where the schedule ends
   * @param rowsPerUnit consecutive sequences that must stay together
   */
  static TrainerSettings of(
      RunSettings run,
      String stage,
      OptimizerSettings optimizer,
      long optimizerSteps,
      int rowsPerUnit) {
    var rate =
        new LearningRate(
            optimizer.learningRate(),
            LearningRate.Kind.valueOf(optimizer.schedule().name()),
            optimizer.warmUpSteps(),
            optimizerSteps,
            optimizer.floor());
    return new TrainerSettings(
        rate,
        optimizer.beta1(),
        optimizer.beta2(),
        optimizer.epsilon(),
        optimizer.weightDecay(),
        // The recipe's 0 means never; no gradient of float32 reaches this norm.
        optimizer.maxGradientNorm() == 0 ? Float.MAX_VALUE : optimizer.maxGradientNorm(),
        compute(run),
        optimizer.microBatchTokens(),
        rowsPerUnit,
        optimizer.gradientShards(),
        optimizer.packing(),
        optimizer.recompute(),
        optimizer.lora().map(TrainerChoice::adapters),
        Seeds.of(run.seed(), "adapters of " + stage));
  }

  /** The adapters that people asked for. */
  static LoraSettings adapters(dev.troupe.runtime.settings.LoraSettings lora) {
    return new LoraSettings(
        lora.rank(),
        lora.alpha(),
        lora.targets().stream()
            .map(target -> LoraSettings.Target.valueOf(target.toUpperCase(Locale.ROOT)))
            .collect(Collectors.toSet()));
  }
}
