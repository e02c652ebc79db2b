package dev.troupe.actors.run;

import dev.troupe.actors.stage.Measuring;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StageKinds;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.TrainedStage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a run would do and need, found out without starting anything: data and tokenizer are read,
 * no tensor is made.
 *
 * @param config the model's shape
 * @param trainExamples examples to train on
 * @param heldOutExamples examples to evaluate on
 * @param longestPrompt tokens of the longest prompt looked at
 * @param stages the stages in order
 * @param memory estimated bytes by part, at the stage that needs most
 */
public record Outlook(
    DecoderConfig config,
    int trainExamples,
    int heldOutExamples,
    int longestPrompt,
    List<StagePlan> stages,
    Map<String, Long> memory) {

  /** Prompts that are read to find the longest one. */
  private static final int PROMPTS_READ = 10_000;

  /** Layer activations kept for the backward pass, in units of the width, a token and layer. */
  private static final int ACTIVATIONS = 24;

  /** Copies the list. */
  public Outlook {
    stages = List.copyOf(stages);
  }

  /**
   * Looks ahead.
   *
   * @throws RuntimeException with a sentence for people if the recipe cannot work
   */
  public static Outlook of(RunSettings settings) {
    try (RunMaterials materials = RunMaterials.of(settings)) {
      RunPlan plan =
          StageKinds.standard()
              .plan(settings, materials.data(), materials.prompts().stopTokens(), Set.of());
      int longest = materials.longestPrompt(PROMPTS_READ);
      DecoderConfig config = materials.prompts().config();
      settings.requireRoom(longest, config.context());
      return new Outlook(
          config,
          materials.data().train().size(),
          materials.data().heldOut().size(),
          longest,
          plan.stages().stream().filter(stage -> !Measuring.isRecalled(stage.name())).toList(),
          memory(settings, plan, config, longest));
    }
  }

  private static Map<String, Long> memory(
      RunSettings settings, RunPlan plan, DecoderConfig config, int longestPrompt) {
    long weights = config.parameters() * Float.BYTES;
    int versions = plan.stages().stream().mapToInt(StagePlan::staleness).max().orElse(0) + 1;
    int frozen = trained(settings).mapToInt(TrainedStage::frozenModels).max().orElse(0);
    int trained = trained(settings).mapToInt(TrainedStage::trainedModels).max().orElse(1);
    long rows = 0;
    for (StagePlan stage : plan.stages()) {
      rows = Math.max(rows, stage.tickets().map(Outlook::rows).orElse(0L));
    }
    int maxTokens =
        plan.stages().stream()
            .flatMap(stage -> stage.tickets().stream())
            .mapToInt(tickets -> tickets.sampling().maxTokens())
            .max()
            .orElse(0);
    long cacheToken = 2L * config.layers() * config.kvHeads() * config.headSize() * Float.BYTES;
    long microBatch =
        trained(settings).mapToLong(stage -> stage.optimizer().microBatchTokens()).max().orElse(0);
    long activations =
        microBatch
            * Float.BYTES
            * ((long) ACTIVATIONS * config.layers() * config.width() + 2L * config.vocabSize());
    var parts = new LinkedHashMap<String, Long>();
    parts.put("weights, gradients and optimizer of the learner", 4L * trained * weights);
    parts.put("published policy versions", versions * weights);
    parts.put("weights packed for generation", weights);
    parts.put("frozen models", 2L * frozen * weights);
    parts.put("key-value cache of one work unit", rows * (longestPrompt + maxTokens) * cacheToken);
    parts.put("activations of one micro-batch", activations);
    return parts;
  }

  private static long rows(TicketPlan tickets) {
    return (long) Math.min(tickets.unitPrompts(), tickets.prompts()) * tickets.samples();
  }

  private static Stream<TrainedStage> trained(RunSettings settings) {
    return settings.stages().stream()
        .filter(TrainedStage.class::isInstance)
        .map(TrainedStage.class::cast);
  }

  /** Sum of the parts, bytes. */
  public long totalMemory() {
    return memory.values().stream().mapToLong(Long::longValue).sum();
  }
}
