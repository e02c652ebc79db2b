package dev.troupe.actors.stage;

import dev.troupe.algorithms.kl.VocabularyDivergence;
import dev.troupe.algorithms.superhf.BestFilter;
import dev.troupe.algorithms.superhf.SuperHfSettings;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.SuperHfStage;
import dev.troupe.runtime.training.Divergence;
import dev.troupe.runtime.training.TrainerSettings;
import java.util.Optional;

/** SuperHF: the best of the policy's own completions, learnt like demonstrations. */
final class SuperHfKind implements StageKind<SuperHfStage> {
  @Override
  public StagePlan plan(SuperHfStage settings, PlanContext context) {
    return context.sampled(
        settings,
        settings.steps(),
        settings.prompts(),
        settings.groupSize(),
        false,
        Metric.REWARD_MEAN);
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public Course course(SuperHfStage settings, StagePlan plan, Workbench bench) {
    VocabularyDivergence direction = direction(settings);
    var loss =
        new SuperHfSettings(
            settings.kl().coefficient(),
            SuperHfSettings.Reduction.valueOf(settings.kl().reduction().name()),
            direction,
            settings.inversePenalty());
    Optional<FrozenModel> original =
        settings.kl().coefficient() > 0
            ? Optional.of(
                FrozenModel.of(bench, settings.reference(), Divergence.valueOf(direction.name())))
            : Optional.empty();
    return new TrainedCourse(
        plan,
        bench,
        Origin.of(settings.from()),
        training(settings, bench),
        Anchors.NONE,
        new SuperHfObjective(
            new BestFilter(settings.keep(), settings.lengthPenalty()),
            loss,
            settings.batch(),
            settings.sampling().temperature(),
            original,
            bench.prompts()));
  }

  private static VocabularyDivergence direction(SuperHfStage settings) {
    return switch (settings.kl().direction()) {
      case FORWARD -> VocabularyDivergence.REFERENCE_TO_POLICY;
      case REVERSE -> VocabularyDivergence.POLICY_TO_REFERENCE;
    };
  }

  private static TrainerSettings training(SuperHfStage settings, Workbench bench) {
    TrainerSettings training =
        TrainerChoice.of(
            bench.settings(), settings.name(), settings.optimizer(), settings.steps(), 1);
    // Its term is no sum over tokens, so it needs all of them at once.
    return settings.inversePenalty() > 0
        ? training
            .withShards(1)
            .withMicroBatches(Integer.MAX_VALUE, 1, training.packing(), training.recompute())
        : training;
  }
}
