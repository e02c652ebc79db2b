package dev.troupe.actors.stage;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.PolicyGradientStage;
import dev.troupe.runtime.settings.ShapingSettings;
import dev.troupe.runtime.settings.TokenRewardModel;
import java.util.Optional;

/** Policy gradients on rewards of the policy's own completions: GRPO, PPO and their relatives. */
final class PolicyGradientKind implements StageKind<PolicyGradientStage> {

  @Override
  public StagePlan plan(PolicyGradientStage settings, PlanContext context) {
    return new StagePlan(
        settings.name(),
        settings.kind(),
        settings.steps(),
        context.firstVersion(),
        Optional.of(
            context
                .training(
                    settings.name(),
                    settings.prompts(),
                    settings.groupSize(),
                    settings.unitPrompts(),
                    settings.sampling())
                .withRounds(1 + settings.extraBatches())),
        settings.staleness(),
        false,
        context.settings().checkpoints().every(),
        context.deadlines(settings.name()),
        Metric.REWARD_MEAN);
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public Course course(PolicyGradientStage settings, StagePlan plan, Workbench bench) {
    long optimizerSteps = (long) settings.steps() * settings.epochs() * settings.miniBatches();
    return new TrainedCourse(
        plan,
        bench,
        Origin.of(settings.from()),
        TrainerChoice.of(
            bench.settings(), settings.name(), settings.optimizer(), optimizerSteps, 1),
        anchors(settings, bench),
        new PolicyObjective(PolicyMethods.of(settings, bench)));
  }

  private static Anchors anchors(PolicyGradientStage settings, Workbench bench) {
    Anchors anchors = readers(settings, bench);
    return settings
        .modelReward()
        .map(reward -> anchors.withReward(reward.stage(), reward.view()))
        .orElse(anchors);
  }

  /** Those of whom log-probabilities are asked. */
  private static Anchors readers(PolicyGradientStage settings, Workbench bench) {
    String reference = settings.kl().coefficient() > 0 ? settings.reference() : null;
    Optional<ShapingSettings> shaping = settings.shaping().filter(it -> it.beta1() > 0);
    if (shaping.isEmpty()) {
      return new Anchors(reference, settings.referenceUpdate(), null, null, null, null);
    }
    String model = shaping.get().model();
    TokenRewardModel preferences = (TokenRewardModel) bench.settings().stage(model);
    return new Anchors(
        reference, settings.referenceUpdate(), model, preferences.reference(), null, null);
  }
}
