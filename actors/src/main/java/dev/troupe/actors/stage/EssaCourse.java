package dev.troupe.actors.stage;

import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.algorithms.essa.CmaEs;
import dev.troupe.algorithms.essa.CovarianceShape;
import dev.troupe.algorithms.essa.Fitness;
import dev.troupe.algorithms.essa.SearchSpace;
import dev.troupe.algorithms.essa.SearchState;
import dev.troupe.algorithms.essa.SingularValues;
import dev.troupe.runtime.checkpoint.Checkpoint;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.AdapterFamily;
import dev.troupe.runtime.model.AdapterPair;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.rollout.RolloutRow.Lesson;
import dev.troupe.runtime.settings.EssaStage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A search for better singular values of trained adapters (ESSA). One step is one generation of
 * CMA-ES: its candidates are published as policy versions, the company samples the same prompts
 * with each of them, and their rewards make the next generation. Nothing is differentiated.
 */
final class EssaCourse implements Course {
  /** Who meet in the last steps. */
  private static final List<String> FINALISTS = List.of("mean of the search", "best candidate");

  private final StagePlan plan;
  private final Workbench bench;
  private final EssaStage settings;
  private final CovarianceShape shape;
  private final WeightPrecision precision;
  private final LoraSettings adapters;
  private final Shelf shelf;
  private final DeviceTime deviceTime;
  private final Retention retention;

  private AdapterFamily family;
  private SearchSpace space;
  private CmaEs strategy;
  private EssaProgress progress;
  private VersionSet inForce;
  private List<Credit> credits = List.of();

  EssaCourse(StagePlan plan, Workbench bench, EssaStage settings) {
    this.plan = plan;
    this.bench = bench;
    this.settings = settings;
    this.shape = CovarianceShape.valueOf(settings.covariance().name());
    this.precision = WeightPrecision.valueOf(settings.precision().name());
    this.adapters = TrainerChoice.adapters(settings.adapters().orElseThrow());
    this.shelf = new Shelf(bench.exchange());
    this.deviceTime = new DeviceTime(bench.accelerator());
    this.retention = bench.retention(plan.name());
  }

  @Override
  public List<VersionSet> open() {
    deviceTime.seconds();
    Optional<Checkpoint> latest = bench.store(plan.name()).latest();
    family = new AdapterFamily(bench.adapted(settings.from(), adapters));
    space = space();
    strategy = new CmaEs(space.dimension(), settings.population(), shape);
    progress =
        latest
            .map(checkpoint -> EssaArchive.read(checkpoint.directory(), shape))
            .orElseGet(() -> EssaProgress.start(start()));
    publish(latest.map(Checkpoint::step).orElse(0L));
    return List.of(inForce);
  }

  private SearchSpace space() {
    try {
      return new SearchSpace(
          EssaArchive.decomposition(
              bench.stageDirectory(plan.name()), family.adapters(), settings.alpha()),
          SearchSpace.Offsets.valueOf(settings.offsets().name()));
    } catch (IllegalArgumentException e) {
      throw new RunException(
          "Stage %s cannot search the adapters of stage %s: %s."
              .formatted(settings.name(), settings.from(), e.getMessage()),
          e);
    }
  }

  private SearchState start() {
    double unit =
        settings.sigmaUnit() == EssaStage.SigmaUnit.MEAN_SINGULAR_VALUE
            ? space.meanSingularValue()
            : 1;
    if (!(unit > 0)) {
      throw new RunException(
          "Stage %s cannot measure sigma in the mean singular value of the adapters of stage %s, which is %s; train them first, or set sigma-unit = absolute."
              .formatted(settings.name(), settings.from(), unit));
    }
    return strategy.start(new double[space.dimension()], settings.sigma() * unit);
  }

  /** Publishes what the step after so many steps samples with. */
  private void publish(long stepsDone) {
    PolicyVersion policy = put(plan.version(stepsDone), progress.result());
    var candidates = new ArrayList<PolicyVersion>();
    if (stepsDone < plan.steps()) {
      for (double[] candidate : candidates(stepsDone)) {
        candidates.add(put(plan.version(stepsDone) + 1 + candidates.size(), candidate));
      }
    }
    inForce = new VersionSet(stepsDone, policy, ScoringModels.NONE, candidates);
    shelf.need(inForce);
  }

  private PolicyVersion put(long number, double[] x) {
    DecoderWeights weights = weights(x);
    PolicyVersion version = bench.version(number, weights.digest());
    shelf.put(version, weights, precision);
    return version;
  }

  /** The search vectors of a step. */
  private double[][] candidates(long step) {
    if (!isFinal(step)) {
      return strategy.candidates(progress.state(), normals(step));
    }
    double[][] finalists = {progress.state().mean(), progress.best()};
    double[][] turns = new double[settings.population()][];
    Arrays.setAll(turns, turn -> finalists[turn % FINALISTS.size()]);
    return turns;
  }

  /** Draws are counted by steps, so that a generation which is repeated draws anew. */
  private double[][] normals(long step) {
    return strategy.normals(Seeds.of(bench.settings().seed(), "search " + plan.name()), step);
  }

  private boolean isFinal(long step) {
    return step >= settings.steps();
  }

  private DecoderWeights weights(double[] x) {
    List<SingularValues.Factors> factors = space.candidate(x);
    var pairs = new ArrayList<AdapterPair>(factors.size());
    for (int i = 0; i < factors.size(); i++) {
      pairs.add(
          new AdapterPair(
              family.adapters().get(i).module(), factors.get(i).a(), factors.get(i).b()));
    }
    return family.member(pairs);
  }

  @Override
  public StepResult train(long step, List<ScoredGroup> groups) {
    long begin = System.nanoTime();
    requireKnown(groups);
    Map<String, Double> metrics = RewardMetrics.of(groups);
    // Completions are compared across candidates here, not within groups.
    metrics.keySet().removeIf(name -> name.startsWith("groups/"));
    long completions = groups.stream().mapToLong(group -> group.group().rollouts().size()).sum();
    long tokens = groups.stream().mapToLong(group -> group.group().tokens()).sum();
    double[][] rewards = rewards(groups);

    double[] fitness = isFinal(step) ? decide(rewards, metrics) : evolve(step, rewards, metrics);
    credits = credits(groups, isFinal(step), fitness);
    progress = progress.spent(completions, tokens);
    publish(step + 1);
    shelf.forgetBefore(step + 1);

    metrics.put("search/completions", (double) progress.completions());
    metrics.put("search/tokens", (double) progress.tokens());
    metrics.put(Metric.TIME_TENSOR.name(), deviceTime.seconds());
    retention.add(metrics);
    return new StepResult(inForce, metrics, System.nanoTime() - begin);
  }

  @Override
  public List<Credit> credits() {
    return credits;
  }

  /**
   * No token is learnt from: a completion counts in the fitness of the candidate that sampled it.
   */
  private List<Credit> credits(List<ScoredGroup> groups, boolean isFinal, double[] fitness) {
    var told = new ArrayList<Credit>();
    for (int i = 0; i < groups.size(); i++) {
      int turn = i / settings.prompts();
      int candidate = isFinal ? turn % FINALISTS.size() : turn;
      String part = isFinal ? FINALISTS.get(candidate) : "candidate " + (candidate + 1);
      var lesson = new Lesson(part, "fitness of the candidate", fitness[candidate], null);
      for (int row = 0; row < groups.get(i).group().rollouts().size(); row++) {
        told.add(Credit.ofLesson(i, row, ReadTokens.Tokens.NONE, lesson));
      }
    }
    return told;
  }

  /**
   * One generation: rank the candidates, move the distribution.
   *
   * @return the fitness of each candidate
   */
  private double[] evolve(long step, double[][] rewards, Map<String, Double> metrics) {
    double[] fitness = Fitness.of(rewards);
    double[] ranked = Fitness.ranked(fitness);
    int[] order = CmaEs.bestFirst(ranked);
    double[][] normals = normals(step);
    SearchState state = progress.state();
    boolean isInformative = CmaEs.isInformative(ranked);
    boolean isKnown = Arrays.stream(fitness).anyMatch(value -> !Double.isNaN(value));
    if (isInformative) {
      double[] best = strategy.candidates(state, normals)[order[0]];
      progress = progress.seen(best, ranked[order[0]]).moved(strategy.next(state, normals, ranked));
    } else if (isKnown) {
      // A step so large that it ruins every candidate, or so small that none differs.
      progress = progress.moved(state.halved());
    }
    metrics.put("fitness/best", ranked[order[0]]);
    metrics.put("fitness/worst", ranked[order[order.length - 1]]);
    metrics.put("fitness/unknown", (double) Arrays.stream(fitness).filter(Double::isNaN).count());
    metrics.put("search/updates", (double) progress.state().generation());
    metrics.put("search/sigma", progress.state().sigma());
    metrics.put("search/distance", distance(progress.result()));
    return fitness;
  }

  /**
   * The mean of the search and the best candidate meet on prompts that neither has seen.
   *
   * @return the fitness of each
   */
  private double[] decide(double[][] rewards, Map<String, Double> metrics) {
    double[] fitness = Fitness.of(new double[][] {turns(rewards, 0), turns(rewards, 1)});
    if (fitness[1] > fitness[0]) {
      progress = progress.decided(progress.best());
    }
    metrics.put("fitness/mean-validated", fitness[0]);
    metrics.put("fitness/best-validated", fitness[1]);
    metrics.put("search/distance", distance(progress.result()));
    return fitness;
  }

  /** The rewards of one of two finalists; with an odd number of turns the last one is unpaired. */
  private static double[] turns(double[][] rewards, int finalist) {
    var own = new ArrayList<Double>();
    for (int turn = 0; turn + 1 < rewards.length; turn += 2) {
      Arrays.stream(rewards[turn + finalist]).forEach(own::add);
    }
    return own.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static double distance(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(value -> value * value).sum());
  }

  /** The reward of every completion by candidate, NaN where scoring failed. */
  private double[][] rewards(List<ScoredGroup> groups) {
    double[][] rewards = new double[settings.population()][settings.prompts() * settings.samples()];
    for (int i = 0; i < groups.size(); i++) {
      double[] own = rewards[i / settings.prompts()];
      int at = i % settings.prompts() * settings.samples();
      for (int sample = 0; sample < settings.samples(); sample++) {
        own[at + sample] = GroupFacts.reward(groups.get(i).outcomes().get(sample));
      }
    }
    return rewards;
  }

  /** Every group must come from the candidate that its ticket was bound to. */
  private void requireKnown(List<ScoredGroup> groups) {
    int expected = settings.population() * settings.prompts();
    if (groups.size() != expected) {
      throw new IllegalStateException(
          "a generation of stage %s has %d groups, not %d"
              .formatted(plan.name(), groups.size(), expected));
    }
    for (int i = 0; i < groups.size(); i++) {
      PolicyVersion bound = inForce.candidates().get(i / settings.prompts());
      Fence.STRICT.requireLearnable(List.of(bound), groups.get(i).group());
    }
  }

  @Override
  public Runnable save(long stepsDone) {
    EssaProgress now = progress;
    List<HostTensor> weights;
    List<HostTensor> adapted;
    DecoderConfig config;
    try (DecoderWeights own = weights(now.result());
        DecoderWeights merged = own.merged()) {
      adapted = own.toHost();
      weights = merged.toHost();
      config = merged.config();
    }
    CheckpointStore store = bench.store(plan.name());
    Consumer<Path> measure = retention.describe(stepsDone);
    return () -> {
      store.write(
          stepsDone,
          directory -> {
            bench.files(config, weights).accept(directory);
            Safetensors.write(directory.resolve(CourseArchive.TRAINER), adapted, Map.of());
            EssaArchive.write(directory, now);
            new CourseState(
                    plan.name(),
                    plan.kind(),
                    stepsDone,
                    0,
                    stepsDone * settings.prompts(),
                    bench.settings().seed(),
                    bench.settings().settingsDigest(),
                    WeightsDigest.of(weights),
                    List.of())
                .write(directory);
            measure.accept(directory);
          });
      retention.prune();
    };
  }

  /**
   * Ends with merged weights, as every stage; over integers the adapters stay apart, because that
   * is what was searched and will be measured.
   */
  @Override
  public VersionSet conclude() {
    if (plan.steps() == 0) {
      save(0).run();
    }
    if (precision == WeightPrecision.FULL) {
      try (DecoderWeights adapted = weights(progress.result())) {
        DecoderWeights merged = adapted.merged();
        PolicyVersion version = bench.version(plan.version(plan.steps()), merged.digest());
        shelf.put(version, merged);
        inForce = new VersionSet(plan.steps(), version, ScoringModels.NONE);
      }
    }
    return inForce;
  }

  @Override
  public void close() {
    shelf.close();
    if (family != null) {
      family.close();
      family = null;
    }
  }
}
