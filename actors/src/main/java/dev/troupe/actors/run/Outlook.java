package dev.troupe.actors.run;

import dev.troupe.actors.stage.Measuring;
import dev.troupe.actors.stage.Rehearsal;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StageKinds;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.settings.RunSettings;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a run would do and need, found out without starting it: data and tokenizer are read, and a
 * part of a step of each stage is done if its time is wanted. Nothing is written.
 *
 * @param config the model's shape
 * @param trainExamples examples to train on
 * @param heldOutExamples examples to evaluate on
 * @param longestPrompt tokens of the longest prompt looked at
 * @param stages the stages in order
 * @param memory estimated bytes by part, at the stage that needs most
 * @param rehearsals how long steps take; empty if nobody asked
 */
public record Outlook(
    DecoderConfig config,
    int trainExamples,
    int heldOutExamples,
    int longestPrompt,
    List<StagePlan> stages,
    Map<String, Long> memory,
    List<Rehearsal> rehearsals) {

  /** Prompts that are read to find the longest one. */
  private static final int PROMPTS_READ = 10_000;

  /** Copies the lists. */
  public Outlook {
    stages = List.copyOf(stages);
    rehearsals = List.copyOf(rehearsals);
  }

  /**
   * Looks ahead.
   *
   * @param isTimed whether a part of a step of each stage is done to learn how long it takes
   * @throws RuntimeException with a sentence for people if the recipe cannot work
   */
  public static Outlook of(RunSettings settings, boolean isTimed) {
    RewardCatalog rewards = RewardCatalog.standard();
    try (RunMaterials materials =
        Mistakes.gathered(settings, rewards, () -> RunMaterials.of(settings))) {
      Mistakes.gathered(settings, rewards, () -> new RewardPanels(settings, rewards, it -> null))
          .close();
      RunPlan plan =
          StageKinds.standard()
              .plan(settings, materials.data(), materials.prompts().stopTokens(), Set.of());
      int longest = materials.longestPrompt(PROMPTS_READ);
      DecoderConfig config = materials.prompts().config();
      settings.requireRoom(longest, config.context());
      List<StagePlan> stages =
          plan.stages().stream().filter(stage -> !Measuring.isRecalled(stage.name())).toList();
      return new Outlook(
          config,
          materials.data().train().size(),
          materials.data().heldOut().size(),
          longest,
          stages,
          MemoryNeed.of(settings, plan, config, longest).parts(),
          isTimed
              ? Rehearsal.of(settings, stages, materials.data(), materials.prompts())
              : List.of());
    }
  }

  /** Sum of the parts, bytes. */
  public long totalMemory() {
    return memory.values().stream().mapToLong(Long::longValue).sum();
  }
}
