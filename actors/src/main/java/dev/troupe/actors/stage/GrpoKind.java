package dev.troupe.actors.stage;

import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.grpo.GrpoSettings;
import dev.troupe.algorithms.kl.KlEstimator;
import dev.troupe.algorithms.rto.Granularity;
import dev.troupe.algorithms.rto.TokenReward;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.DeadlineSettings;
import dev.troupe.runtime.settings.GrpoStage;
import dev.troupe.runtime.settings.ShapingSettings;
import dev.troupe.runtime.settings.TokenRewardModel;
import java.util.Optional;

/**
 * Group-relative policy optimization, with token rewards and a moving reference where asked for.
 */
final class GrpoKind implements StageKind<GrpoStage> {

  @Override
  public StagePlan plan(GrpoStage settings, PlanContext context) {
    DeadlineSettings limits = settings.deadlines();
    return new StagePlan(
        settings.name(),
        settings.kind(),
        settings.steps(),
        context.firstVersion(),
        Optional.of(
            context.training(
                settings.name(),
                settings.prompts(),
                settings.groupSize(),
                settings.unitPrompts(),
                settings.sampling())),
        settings.staleness(),
        false,
        context.settings().checkpoints().every(),
        new Deadlines(limits.generate(), limits.reward(), limits.reference(), limits.train()),
        Metric.REWARD_MEAN);
  }

  @Override
  public Course course(GrpoStage settings, StagePlan plan, Workbench bench) {
    long optimizerSteps = (long) settings.steps() * settings.epochs() * settings.miniBatches();
    return new TrainedCourse(
        plan,
        bench,
        Origin.of(settings.from()),
        TrainerChoice.of(
            bench.settings(), settings.name(), settings.optimizer(), optimizerSteps, 1),
        anchors(settings, bench),
        new GrpoObjective(
            loss(settings),
            advantages(settings, bench),
            settings.sampling().temperature(),
            settings.epochs(),
            settings.miniBatches()));
  }

  private static GrpoSettings loss(GrpoStage settings) {
    return new GrpoSettings(
        settings.clip().low(),
        settings.clip().high(),
        settings.clip().dual(),
        KlEstimator.valueOf(settings.kl().estimator().name()),
        settings.kl().coefficient(),
        Aggregation.valueOf(settings.aggregation().name()),
        advantage(settings),
        settings.sampling().maxTokens());
  }

  private static GroupAdvantage advantage(GrpoStage settings) {
    return switch (settings.advantage()) {
      case NORMALISED -> GroupAdvantage.normalised();
      case CENTRED -> GroupAdvantage.centred();
      case LEAVE_ONE_OUT -> GroupAdvantage.leaveOneOut();
    };
  }

  private static Anchors anchors(GrpoStage settings, Workbench bench) {
    String reference = settings.kl().coefficient() > 0 ? settings.reference() : null;
    Optional<ShapingSettings> shaping = shaping(settings);
    if (shaping.isEmpty()) {
      return new Anchors(reference, settings.referenceUpdate(), null, null);
    }
    String model = shaping.get().model();
    TokenRewardModel preferences = (TokenRewardModel) bench.settings().stage(model);
    return new Anchors(reference, settings.referenceUpdate(), model, preferences.reference());
  }

  private static TokenAdvantages advantages(GrpoStage settings, Workbench bench) {
    GroupAdvantage outcome = advantage(settings);
    return shaping(settings)
        .map(
            shaping ->
                TokenAdvantages.shaped(
                    outcome,
                    new TokenReward(
                        shaping.beta1(),
                        0, // The pull to the reference is in the loss.
                        1,
                        shaping.clip(),
                        TokenReward.OUTCOME_CLIP,
                        Granularity.valueOf(shaping.granularity().name())),
                    bench.prompts().tokenizer()))
        .orElseGet(() -> TokenAdvantages.of(outcome));
  }

  private static Optional<ShapingSettings> shaping(GrpoStage settings) {
    return settings.shaping().filter(shaping -> shaping.beta1() > 0);
  }
}
