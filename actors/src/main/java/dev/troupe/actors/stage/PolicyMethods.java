package dev.troupe.actors.stage;

import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.GeneralizedAdvantage;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.advantage.Whitening;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.cispo.CispoLoss;
import dev.troupe.algorithms.dapo.OverlongPenalty;
import dev.troupe.algorithms.gspo.GspoLoss;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection;
import dev.troupe.algorithms.policy.KlTerm;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.algorithms.ppo.TokenRatio;
import dev.troupe.algorithms.ppomax.AdvantageClip;
import dev.troupe.algorithms.ppomax.RewardTransform;
import dev.troupe.algorithms.reinforce.ReinforcePlusPlus;
import dev.troupe.runtime.settings.AdvantageSettings;
import dev.troupe.runtime.settings.CorrectionSettings;
import dev.troupe.runtime.settings.CriticSettings;
import dev.troupe.runtime.settings.OptimizerSettings;
import dev.troupe.runtime.settings.OutcomeSettings;
import dev.troupe.runtime.settings.PolicyGradientStage;
import dev.troupe.runtime.settings.SurrogateSettings;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** From the settings of people to the parts of a method: every choice has one line here. */
final class PolicyMethods {
  private static final Whitening OVER_THE_STEP =
      new Whitening(Deviation.POPULATION, Whitening.EPSILON);

  private static final Map<
          AdvantageSettings.Estimator,
          BiFunction<AdvantageSettings, TokenRewards, AdvantageEstimator>>
      COMPARISONS =
          Map.of(
              AdvantageSettings.Estimator.NORMALISED,
                  (it, earned) ->
                      new GroupComparison(GroupAdvantage.normalised(), it.gamma(), earned),
              AdvantageSettings.Estimator.CENTRED,
                  (it, earned) -> new GroupComparison(GroupAdvantage.centred(), it.gamma(), earned),
              AdvantageSettings.Estimator.LEAVE_ONE_OUT,
                  (it, earned) ->
                      new GroupComparison(GroupAdvantage.leaveOneOut(), it.gamma(), earned),
              AdvantageSettings.Estimator.RETURN,
                  (it, earned) ->
                      new ReturnComparison(
                          new ReinforcePlusPlus(it.gamma(), OVER_THE_STEP), earned),
              AdvantageSettings.Estimator.RETURN_BASELINE,
                  (it, earned) ->
                      new BaselineComparison(
                          new ReinforcePlusPlus(it.gamma(), OVER_THE_STEP), earned),
              AdvantageSettings.Estimator.GAE,
                  (it, earned) ->
                      new CriticComparison(
                          new GeneralizedAdvantage(it.gamma(), it.lambda()), OVER_THE_STEP, earned),
              AdvantageSettings.Estimator.GIVEN, (it, earned) -> new GivenComparison(earned));

  private static final Map<SurrogateSettings.Loss, Function<SurrogateSettings, PolicyLoss>> LOSSES =
      Map.of(
          SurrogateSettings.Loss.CLIP,
              it ->
                  new PolicyLoss(
                      new TokenRatio(),
                      new ClippedSurrogate(it.clipLow(), it.clipHigh(), it.dualClip()),
                      null,
                      KlTerm.NONE),
          SurrogateSettings.Loss.GSPO, it -> GspoLoss.of(it.clipLow(), it.clipHigh()),
          SurrogateSettings.Loss.CISPO,
              it -> CispoLoss.around(it.clipLow(), it.clipHigh()).policyLoss());

  private static final Map<CorrectionSettings.Kind, ImportanceCorrection.Level> LEVELS =
      Map.of(
          CorrectionSettings.Kind.TIS, ImportanceCorrection.Level.TOKEN,
          CorrectionSettings.Kind.SEQUENCE_PRODUCT, ImportanceCorrection.Level.SEQUENCE_PRODUCT,
          CorrectionSettings.Kind.SEQUENCE_GEOMETRIC,
              ImportanceCorrection.Level.SEQUENCE_GEOMETRIC_MEAN);

  private PolicyMethods() {}

  static PolicyObjective.Method of(PolicyGradientStage settings, Workbench bench) {
    var scale =
        new RewardScale(
            new RewardTransform(
                RewardTransform.Scaling.valueOf(settings.outcome().scaling().name()),
                settings.outcome().clip(),
                RewardTransform.CLIP,
                settings.outcome().scaling() == OutcomeSettings.Scaling.NONE
                    ? 0
                    : RewardTransform.EARLY_COUNT));
    Optional<ModelRewards> models =
        settings.modelReward().map(reward -> new ModelRewards(reward, bench));
    var pull = new KlPull(settings.kl());
    var rewards = new TokenRewards(settings.shaping(), pull, bench.prompts().tokenizer());
    AdvantageSettings advantage = settings.advantage();
    return new PolicyObjective.Method(
        outcomes(settings, models, scale),
        models,
        scale,
        new TrialFilter(
            settings.filtration(),
            Seeds.of(bench.settings().seed(), "filtration of " + settings.name())),
        rewards,
        pull,
        COMPARISONS.get(advantage.estimator()).apply(advantage, rewards),
        new AdvantageClip(advantage.clip()),
        settings.critic().map(critic -> critic(critic, settings, bench)),
        loss(settings),
        settings.correction().oldPolicy() == CorrectionSettings.OldPolicy.RECOMPUTED,
        update(settings, bench),
        settings.epochs(),
        settings.miniBatches());
  }

  private static Outcomes outcomes(
      PolicyGradientStage settings, Optional<ModelRewards> models, RewardScale scale) {
    OutcomeSettings outcome = settings.outcome();
    Optional<OverlongPenalty> overlong =
        outcome.overlongBuffer() > 0
            ? Optional.of(
                new OverlongPenalty(
                    settings.sampling().maxTokens(),
                    outcome.overlongBuffer(),
                    outcome.overlongFactor()))
            : Optional.empty();
    return new Outcomes(
        models, overlong, scale, settings.advantage().estimator().comparesGroup() ? 2 : 1);
  }

  private static PolicyLoss loss(PolicyGradientStage settings) {
    PolicyLoss loss = LOSSES.get(settings.surrogate().loss()).apply(settings.surrogate());
    CorrectionSettings correction = settings.correction();
    ImportanceCorrection.Level level = LEVELS.get(correction.kind());
    return level == null
        ? loss
        : loss.with(
            new ImportanceCorrection(
                level,
                ImportanceCorrection.Bound.valueOf(correction.mode().name()),
                0,
                correction.cap() == 0 ? Double.POSITIVE_INFINITY : correction.cap()));
  }

  private static Critic critic(
      CriticSettings critic, PolicyGradientStage settings, Workbench bench) {
    OptimizerSettings optimizer = settings.optimizer().ofAnother(critic.learningRate());
    long steps = (long) settings.steps() * critic.epochs() * settings.miniBatches();
    return new Critic(
        critic,
        TrainerChoice.of(bench.settings(), settings.name(), optimizer, steps, 1),
        settings.miniBatches(),
        bench);
  }

  private static PolicyUpdate update(PolicyGradientStage settings, Workbench bench) {
    long seed = Seeds.of(bench.settings().seed(), "demonstrations of " + settings.name());
    Optional<Demonstrations> demonstrations =
        settings.ptx().coefficient() > 0
            ? Optional.of(
                new Demonstrations(
                    bench.data().train(settings.name()),
                    bench.data().train(settings.name()).order(seed),
                    seed,
                    bench.prompts(),
                    settings.ptx().batch()))
            : Optional.empty();
    return new PolicyUpdate(
        Aggregation.valueOf(settings.surrogate().aggregation().name()),
        settings.sampling().maxTokens(),
        settings.sampling().temperature(),
        new EntropyTerm(settings.entropy()),
        demonstrations,
        settings.ptx());
  }
}
