package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.ppomax.AdvantageClip;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.training.PendingStep;
import dev.troupe.runtime.training.StepReport;
import dev.troupe.runtime.training.Trainer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A step of policy gradients, in the order of the papers. Which method it is lies in the parts: how
 * rewards are compared, which loss is minimised, whether there is a critic.
 */
final class PolicyObjective implements Objective {

  /**
   * The parts of a method.
   *
   * @param outcomes what a completion is worth
   * @param models what a reward model's scores are worth, a part of {@code outcomes}
   * @param scale what rewards are measured in, a part of {@code outcomes}
   * @param filter which completions are kept
   * @param rewards what their tokens earn
   * @param pull what ties the policy to the reference
   * @param comparison how rewards become advantages
   * @param advantageClip what bounds an advantage
   * @param critic what rewards are compared with, if it is a critic
   * @param loss what is minimised, without the pull
   * @param isOldRecomputed whether the ratio is taken against the policy as the step finds it, not
   *     against the one that sampled
   * @param update how an optimizer step is made of it
   * @param epochs passes over the completions of a step
   * @param miniBatches optimizer steps of one pass
   */
  record Method(
      Outcomes outcomes,
      Optional<ModelRewards> models,
      RewardScale scale,
      TrialFilter filter,
      TokenRewards rewards,
      KlPull pull,
      AdvantageEstimator comparison,
      AdvantageClip advantageClip,
      Optional<Critic> critic,
      PolicyLoss loss,
      boolean isOldRecomputed,
      PolicyUpdate update,
      int epochs,
      int miniBatches) {}

  private final Method method;
  private List<Credit> credits = List.of();

  PolicyObjective(Method method) {
    this.method = method;
  }

  @Override
  public List<Memory> memories() {
    return Stream.of(
            Stream.of(method.scale(), method.pull()),
            method.models().stream(),
            method.critic().stream())
        .<Memory>flatMap(memories -> memories)
        .toList();
  }

  @Override
  public List<Credit> credits() {
    return credits;
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    credits = List.of();
    var metrics = new LinkedHashMap<>(RewardMetrics.of(groups));

    // Select: the completions whose reward is known and worth learning from.
    List<List<Trial>> trials = method.filter().of(method.outcomes().of(groups, metrics), metrics);
    StepBatch batch = StepBatch.of(trials);
    if (batch.isEmpty()) {
      metrics.put(Metric.TOKENS_TRAINED.name(), 0.0);
      return metrics;
    }

    // Shape and compare: what each token earned, against what was to be expected.
    List<float[]> values =
        method.critic().map(critic -> critic.values(batch.sequences())).orElse(null);
    AdvantageEstimator.Estimate estimate =
        method.comparison().of(trials, batch.byCompletion(values));
    StepBatch compared = batch.with(estimate.clipped(method.advantageClip()), values);
    measureShaping(trials, metrics);

    // Train the critic, then the policy unless the critic has still to find its feet.
    boolean isResting = method.critic().filter(critic -> critic.isWarmingUp(step)).isPresent();
    Optional<Critic> joined = method.critic().filter(it -> it.isClippedJointly() && !isResting);
    if (joined.isEmpty()) {
      method.critic().ifPresent(critic -> critic.learn(compared, metrics));
    }
    var reading = new FirstReading(compared.sequences().size());
    if (!isResting) {
      train(trainer, step, compared, joined, reading, metrics);
    }
    credits = credits(trials, compared, reading);

    // Measure, and adapt the pull for the next step.
    method.pull().adapt(trials.stream().flatMap(List::stream).toList(), metrics);
    metrics.put(Metric.TOKENS_TRAINED.name(), (double) batch.tokens());
    return metrics;
  }

  /**
   * @param joined the critic, if it takes its steps together with the policy
   * @param reading takes in what the policy says of each completion
   */
  private void train(
      Trainer trainer,
      long step,
      StepBatch compared,
      Optional<Critic> joined,
      FirstReading reading,
      Map<String, Double> metrics) {
    PolicyUpdate update = method.update();
    StepBatch whole =
        method.isOldRecomputed()
            ? compared.withOld(trainer.logps(compared.sequences(), update.temperature()))
            : compared;
    PolicyLoss loss = method.loss().with(method.pull().inLoss());
    var reports = new StepReports();
    var criticReports = new ArrayList<StepReport>();
    var measures = new PolicyMeasures();
    for (int epoch = 0; epoch < method.epochs(); epoch++) {
      for (int part = 0; part < method.miniBatches(); part++) {
        StepBatch batch = whole.part(part, method.miniBatches());
        if (!batch.isEmpty()) {
          long read = (step * method.epochs() + epoch) * method.miniBatches() + part;
          boolean isFirst = epoch == 0 && part == 0;
          reading.expect(whole.firstRow(part, method.miniBatches()), batch.sequences().size());
          try (PendingStep policy = update.prepare(trainer, batch, loss, read, isFirst, reading)) {
            double norm = policy.gradientNorm();
            if (joined.isPresent()) {
              try (PendingStep critic = joined.get().prepare(batch)) {
                norm = PendingStep.jointNorm(policy, critic);
                criticReports.add(critic.apply(norm));
              }
            }
            StepReport report = policy.apply(norm);
            reports.add(report);
            measures.add(report.tally());
          }
        }
      }
    }
    joined.ifPresent(critic -> critic.measure(compared, criticReports, metrics));
    reports.into(metrics);
    measures.into(metrics, method.pull().isOn(), loss.correction() != null);
  }

  /** A completion that was drawn several times is told once. */
  private List<Credit> credits(List<List<Trial>> trials, StepBatch batch, FirstReading reading) {
    var told = new LinkedHashMap<List<Integer>, Credit>();
    List<float[]> advantages = batch.byCompletion(batch.advantages());
    List<float[]> read = reading.byCompletion(batch.pieces());
    int next = 0;
    for (int group = 0; group < trials.size(); group++) {
      for (Trial trial : trials.get(group)) {
        var credit =
            Credit.ofAdvantages(
                group,
                trial.row(),
                trial.reward(),
                read.get(next),
                method.rewards().all(trial),
                advantages.get(next));
        told.merge(List.of(group, trial.row()), credit, (earlier, same) -> earlier.again());
        next++;
      }
    }
    return List.copyOf(told.values());
  }

  private void measureShaping(List<List<Trial>> trials, Map<String, Double> metrics) {
    if (!method.rewards().isShaped()) {
      return;
    }
    double sum = 0;
    long tokens = 0;
    for (List<Trial> group : trials) {
      for (Trial trial : group) {
        for (float reward : method.rewards().shaping(trial)) {
          sum += reward;
        }
        tokens += trial.length();
      }
    }
    metrics.put("shaping/mean", tokens == 0 ? 0 : sum / tokens);
  }
}
