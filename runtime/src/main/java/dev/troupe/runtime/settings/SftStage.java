package dev.troupe.runtime.settings;

import java.util.List;

/**
 * Supervised fine-tuning on the demonstrations of the task.
 *
 * @param name name of the stage
 * @param from stage whose weights it starts with, or {@code model}
 * @param steps optimizer steps
 * @param batch sequences of one step
 * @param dataSeed seed of the order of the data, beside the seed of the run
 * @param optimizer how the weights are moved
 */
public record SftStage(
    String name, String from, int steps, int batch, long dataSeed, OptimizerSettings optimizer)
    implements TrainedStage {

  static final int MAX_STEPS = 10_000_000;
  static final int MAX_BATCH = 1_000_000;

  static SftStage from(Checked c, String name, Lineage lineage) {
    return new SftStage(
        name,
        lineage.weights(c, "from"),
        c.integer("steps", 0, MAX_STEPS),
        c.integer("batch", 1, MAX_BATCH),
        c.longInteger("data-seed", 0, Long.MAX_VALUE),
        OptimizerSettings.from(c.section("optimizer")));
  }

  @Override
  public String kind() {
    return "sft";
  }

  @Override
  public List<String> inputs() {
    return List.of(from);
  }
}
