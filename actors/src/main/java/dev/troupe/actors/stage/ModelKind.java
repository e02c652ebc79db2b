package dev.troupe.actors.stage;

import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.ModelSettings;
import dev.troupe.runtime.settings.StageSettings;
import java.util.Map;
import java.util.Optional;

/** The weights that a run begins with, as a stage without steps: read, or new and random. */
final class ModelKind {
  private ModelKind() {}

  static StagePlan plan() {
    return new StagePlan(
        StageSettings.MODEL,
        "model",
        0,
        0,
        Optional.empty(),
        0,
        true,
        1,
        Deadlines.USUAL,
        Metric.LOSS);
  }

  static Course course(StagePlan plan, Workbench bench) {
    return new MadeCourse(plan, bench, () -> new MadeCourse.Made(weights(bench), Map.of()));
  }

  private static DecoderWeights weights(Workbench bench) {
    if (bench.settings().model() instanceof ModelSettings.Pretrained model) {
      return DecoderWeights.load(bench.accelerator(), HuggingFaceDirectory.load(model.path()));
    }
    return DecoderWeights.random(
        bench.accelerator(),
        bench.prompts().config(),
        Seeds.of(bench.settings().seed(), "weights"));
  }
}
