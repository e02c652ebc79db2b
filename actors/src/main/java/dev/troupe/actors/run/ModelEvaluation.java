package dev.troupe.actors.run;

import dev.troupe.actors.generator.EngineDecoder;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.reward.ScoringDesk;
import dev.troupe.actors.stage.EvaluationPlan;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.actors.weights.InProcessExchange;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.data.PromptSource;
import dev.troupe.runtime.data.TaskCatalog;
import dev.troupe.runtime.environment.Episodes;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Measure;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.RunSummary.Comparison;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.settings.EvaluationSettings;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.statistics.McNemar;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Measures models on the held-out prompts of a task outside of a run, the way a run measures them:
 * the same prompts, random numbers, rewards and statistics.
 */
public final class ModelEvaluation {
  private static final Duration REWARD_DEADLINE = Duration.ofSeconds(60);

  private final RunSettings settings;
  private final EvaluationSettings wanted;
  private final PromptSource heldOut;
  private final RewardPanels panels;

  /**
   * What one model achieved.
   *
   * @param model its directory
   * @param headline accuracy where the reward tells right from wrong, else the mean reward
   * @param best for each wanted number k what the best of k completions achieves, estimated without
   *     bias from all of them: pass@k where the reward tells right from wrong
   * @param others the parts of the reward and what completions say of themselves, by task
   * @param trials completions that were scored
   * @param failures completions that could not be scored
   */
  public record Findings(
      Path model,
      Measure headline,
      Map<Integer, Measure> best,
      List<Evaluation> others,
      int trials,
      int failures) {}

  /**
   * How two models differ on the same prompts.
   *
   * @param change second minus first, with its paired bootstrap interval
   * @param verdicts the exact paired test where each prompt is wholly right or wrong for both
   */
  public record Contrast(Comparison change, Optional<McNemar> verdicts) {}

  /**
   * What was found.
   *
   * @param findings one a model, in the order given
   * @param contrast of the last with the first; empty for a single model
   */
  public record Results(List<Findings> findings, Optional<Contrast> contrast) {}

  /**
   * Prepares the prompts and rewards.
   *
   * @param settings whose task and reward count
   * @param wanted how many prompts and completions, how they are sampled, and for which k the best
   *     of k is estimated
   * @throws RunException if there is no reward or no held-out prompt
   */
  public ModelEvaluation(RunSettings settings, EvaluationSettings wanted) {
    if (settings.reward().isEmpty()) {
      throw new RunException("The recipe names no reward, so there is nothing to measure by.");
    }
    this.settings = settings;
    this.wanted = wanted;
    this.heldOut = TaskCatalog.standard().create(settings.task(), settings.seed()).heldOut();
    if (heldOut.size() == 0) {
      throw new RunException("The recipe's task has no held-out prompts to measure on.");
    }
    this.panels = new RewardPanels(settings, RewardCatalog.standard(), this::example);
  }

  private Example example(Ticket ticket) {
    return heldOut.get(ticket.example());
  }

  /**
   * Measures one model after the other.
   *
   * @param models their directories in the Hugging Face layout
   * @throws RunException if nothing could be scored
   */
  public Results measure(List<Path> models) throws InterruptedException {
    var files = new ArrayList<EvaluationFile>();
    try (Accelerator accelerator = Accelerator.of(settings.device(), settings.threads())) {
      for (Path model : models) {
        files.add(measure(accelerator, model));
      }
    }
    var findings = new ArrayList<Findings>();
    for (int i = 0; i < files.size(); i++) {
      findings.add(findings(models.get(i), files.get(i)));
    }
    return new Results(findings, contrast(files));
  }

  private EvaluationFile measure(Accelerator accelerator, Path model) throws InterruptedException {
    Optional<Episodes> episodes = RunMaterials.episodes(settings);
    try {
      return measure(accelerator, model, episodes);
    } finally {
      episodes.ifPresent(Episodes::close);
    }
  }

  private EvaluationFile measure(Accelerator accelerator, Path model, Optional<Episodes> episodes)
      throws InterruptedException {
    LoadedModel loaded = HuggingFaceDirectory.load(model);
    try (Tokenizer tokenizer = RunMaterials.load(model, settings.tokenizer().chat());
        var exchange = new InProcessExchange()) {
      HuggingFaceDirectory.requireVocabulary(tokenizer.vocabSize(), loaded.config());
      var prompts = new PromptTokens(tokenizer, loaded.config(), episodes);
      DecoderWeights weights = DecoderWeights.load(accelerator, loaded);
      var version = new PolicyVersion(0, 0, weights.digest());
      exchange.publish(version, weights, WeightPrecision.FULL);
      TicketPlan plan =
          EvaluationPlan.tickets(wanted, settings.seed(), heldOut.size(), prompts.stopTokens());
      NumericType compute = NumericType.valueOf(settings.compute().name());
      Function<Ticket, Example> examples = this::example;
      try (var decoder = new EngineDecoder(accelerator, compute, exchange, prompts, examples)) {
        decoder.adopt(version);
        return file(model, answer(decoder, plan, version));
      }
    }
  }

  private SortedMap<Integer, ScoredGroup> answer(
      EngineDecoder decoder, TicketPlan plan, PolicyVersion version) throws InterruptedException {
    var groups = new TreeMap<Integer, ScoredGroup>();
    int cores = Runtime.getRuntime().availableProcessors();
    try (var desk = new ScoringDesk(panels, cores, REWARD_DEADLINE, settings.rewardAttempts())) {
      for (WorkUnit unit : plan.units(0, new VersionSet(0, version, ScoringModels.NONE))) {
        for (Group group : decoder.decode(unit, "evaluation")) {
          groups.put(group.ticket().example(), new ScoredGroup(group, outcomes(desk, group), null));
        }
      }
    }
    return groups;
  }

  private static List<Outcome> outcomes(ScoringDesk desk, Group group) throws InterruptedException {
    // Each rollout has its deadline; all of a group may have to wait in turn.
    long seconds = REWARD_DEADLINE.toSeconds() * (1 + group.rollouts().size());
    try {
      return desk.score(group).toCompletableFuture().get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new RunException("Scoring the completions did not end: " + e, e);
    }
  }

  private EvaluationFile file(Path model, SortedMap<Integer, ScoredGroup> groups) {
    var facts = new ArrayList<GroupFacts>();
    groups.values().forEach(group -> facts.add(facts(group)));
    var choice = new BestOfChoice(wanted.bestOf(), Optional.empty());
    EvaluationFile file =
        EvaluationFile.of(model.toString(), panels.quantity(), panels.fullMark(), facts, List.of())
            .with(
                EvaluationDetails.of(groups, panels.fullMark()),
                choice.measure(
                    panels.quantity(),
                    panels.fullMark(),
                    groups,
                    (group, row) -> GroupFacts.reward(group.outcomes().get(row))));
    if (file.trials() == 0) {
      String failure =
          facts.stream().flatMap(it -> it.failures().stream()).findFirst().orElse("none was made");
      throw new RunException("No completion of %s could be scored: %s.".formatted(model, failure));
    }
    return file;
  }

  private static GroupFacts facts(ScoredGroup group) {
    var rewards = new ArrayList<Double>();
    var failures = new ArrayList<String>();
    for (Outcome outcome : group.outcomes()) {
      rewards.add(GroupFacts.reward(outcome));
      if (outcome instanceof Outcome.Failed failed) {
        failures.add(failed.reason());
      }
    }
    Ticket ticket = group.ticket();
    return new GroupFacts(
        ticket.id(),
        0,
        ticket.example(),
        Purpose.EVALUATION,
        rewards,
        failures,
        group.group().tokens(),
        0,
        0,
        0);
  }

  private Findings findings(Path model, EvaluationFile file) {
    List<Evaluation> all = HeldOutResults.evaluations(file.with(file.details(), List.of()), seed());
    var best = new LinkedHashMap<Integer, Measure>();
    for (BestOfCompletions of : file.bestOf()) {
      if (!of.scores().isEmpty()) {
        best.put(of.n(), HeldOutResults.measure(file.measures(), of.scores(), seed()));
      }
    }
    return new Findings(
        model,
        all.get(0).measure(),
        best,
        all.subList(1, all.size()),
        file.trials(),
        file.failures());
  }

  private Optional<Contrast> contrast(List<EvaluationFile> files) {
    return new HeldOutResults(files, seed())
        .comparison()
        .map(change -> new Contrast(change, verdicts(files.get(0), files.get(files.size() - 1))));
  }

  /** Empty unless each prompt that both answered is wholly right or wrong. */
  private static Optional<McNemar> verdicts(EvaluationFile before, EvaluationFile after) {
    boolean isVerdict =
        before.measures() == Quantity.ACCURACY
            && before.examples().equals(after.examples())
            && isWhole(before)
            && isWhole(after);
    return isVerdict ? Optional.of(McNemar.of(right(before), right(after))) : Optional.empty();
  }

  private static boolean isWhole(EvaluationFile file) {
    return file.correct().stream().allMatch(share -> share == 0 || share == 1);
  }

  private static boolean[] right(EvaluationFile file) {
    boolean[] right = new boolean[file.correct().size()];
    for (int i = 0; i < right.length; i++) {
      right[i] = file.correct().get(i) == 1;
    }
    return right;
  }

  private long seed() {
    return settings.seed();
  }
}
