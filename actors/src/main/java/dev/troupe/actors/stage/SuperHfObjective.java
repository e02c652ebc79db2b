package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.superhf.BestFilter;
import dev.troupe.algorithms.superhf.PairwiseSimilarity;
import dev.troupe.algorithms.superhf.SuperHfLoss;
import dev.troupe.algorithms.superhf.SuperHfSettings;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.rollout.RolloutRow.Lesson;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.LossFunction;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.StepReport;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * SuperHF: of each prompt's completions the best are learnt like demonstrations, with a divergence
 * from the original model as a prior. A step is a super-batch; it is learnt in one pass, and the
 * learning rate stays the same in it.
 */
final class SuperHfObjective implements Objective {
  private static final String DIVERGENCE = "divergence";

  private final BestFilter filter;
  private final SuperHfSettings settings;
  private final int batch;
  private final double temperature;
  private final Optional<FrozenModel> original;
  private final PromptTokens prompts;
  private List<Credit> credits = List.of();

  /**
   * @param batch completions of one optimizer step
   * @param temperature at which they are sampled
   * @param original the model that the prior is about; empty without a prior
   */
  SuperHfObjective(
      BestFilter filter,
      SuperHfSettings settings,
      int batch,
      double temperature,
      Optional<FrozenModel> original,
      PromptTokens prompts) {
    this.filter = filter;
    this.settings = settings;
    this.batch = batch;
    this.temperature = temperature;
    this.original = original;
    this.prompts = prompts;
  }

  @Override
  public List<Memory> memories() {
    return original.<List<Memory>>map(List::of).orElse(List.of());
  }

  @Override
  public List<Credit> credits() {
    return credits;
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> groups) {
    // Filter: the best completions of each prompt.
    var kept = new ArrayList<TrainingSequence>();
    var places = new ArrayList<Pairs.Place>();
    var first = new ArrayList<int[]>();
    double reward = 0;
    for (int g = 0; g < groups.size(); g++) {
      ScoredGroup group = groups.get(g);
      int[] rows = best(group);
      if (rows.length > 0) {
        first.add(written(group.group().rollouts().get(rows[0])));
      }
      for (int row : rows) {
        kept.add(text(group.group(), group.group().rollouts().get(row)));
        places.add(new Pairs.Place(g, row));
        reward += GroupFacts.reward(group.outcomes().get(row));
      }
    }

    // Learn: one pass in mini-batches, all at the learning rate of this super-batch.
    var reports = new StepReports();
    var told = new ArrayList<Credit>();
    double divergence = 0;
    trainer.schedule(step);
    for (int from = 0; from < kept.size(); from += batch) {
      List<TrainingSequence> part = kept.subList(from, Math.min(from + batch, kept.size()));
      var read = new ReadTokens(part);
      StepReport report = step(trainer, part, read);
      reports.add(report);
      divergence += report.tally().sum(DIVERGENCE);
      for (int i = 0; i < part.size(); i++) {
        told.add(credit(groups, places.get(from + i), part.get(i), read.of(i)));
      }
    }
    credits = told;

    var metrics = new LinkedHashMap<String, Double>();
    reports.into(metrics);
    metrics.putAll(RewardMetrics.of(groups));
    long tokens = tokens(kept);
    if (!kept.isEmpty()) {
      metrics.put("reward/kept", reward / kept.size());
      if (original.isPresent()) {
        metrics.put(Metric.KL_REFERENCE.name(), divergence / tokens);
      }
    }
    // Much reward with much similarity is a policy that says the same to everybody.
    measure("similarity/kept", first, metrics);
    measure(
        "similarity/sampled",
        groups.stream().map(group -> written(group.group().rollouts().get(0))).toList(),
        metrics);
    metrics.put("completions/kept", (double) kept.size());
    metrics.put(Metric.TOKENS_TRAINED.name(), (double) tokens);
    return metrics;
  }

  private static void measure(String name, List<int[]> completions, Map<String, Double> metrics) {
    if (completions.size() > 1) {
      metrics.put(name, PairwiseSimilarity.mean(completions));
    }
  }

  /** The tokens of a completion without the one that ended it, which all have in common. */
  private static int[] written(Rollout rollout) {
    int[] tokens = rollout.tokens();
    return rollout.finish() == FinishReason.STOP_TOKEN
        ? Arrays.copyOf(tokens, tokens.length - 1)
        : tokens;
  }

  /** Tokens are told where they are those that were sampled. */
  private static Credit credit(
      List<ScoredGroup> groups,
      Pairs.Place place,
      TrainingSequence learnt,
      ReadTokens.Tokens read) {
    Rollout rollout = groups.get(place.group()).group().rollouts().get(place.row());
    boolean isSampled = rollout.finish() != FinishReason.STOP_STRING;
    ReadTokens.Tokens tokens =
        isSampled && learnt.responseLength() == rollout.length() ? read : ReadTokens.Tokens.NONE;
    String part = isSampled ? "kept" : "kept, written anew up to its stop text";
    return Credit.ofLesson(place.group(), place.row(), tokens, Lesson.of(part, tokens.pulls()));
  }

  private StepReport step(Trainer trainer, List<TrainingSequence> part, ReadTokens read) {
    long tokens = tokens(part);
    LossFunction loss = read.over(micro -> loss(micro, tokens, part.size()));
    return original.isPresent()
        ? trainer.step(part, Selection.RESPONSE, temperature, original.get().distribution(), loss)
        : trainer.step(part, Selection.RESPONSE, temperature, loss);
  }

  private NDArray loss(MicroBatch micro, long tokens, int examples) {
    if (micro.divergenceBT() != null) {
      for (float value : micro.divergenceBT().stopGradient().toFloatArray()) {
        micro.tally().add(DIVERGENCE, value);
      }
    }
    return SuperHfLoss.loss(
        micro.logpBT(), micro.divergenceBT(), micro.maskBT(), settings, tokens, examples);
  }

  /** Empty texts and failed scorings are dropped. */
  private int[] best(ScoredGroup group) {
    double[] rewards = group.outcomes().stream().mapToDouble(GroupFacts::reward).toArray();
    int[] characters = new int[rewards.length];
    for (int i = 0; i < rewards.length; i++) {
      String text = group.group().rollouts().get(i).text().strip();
      characters[i] = Double.isNaN(rewards[i]) ? 0 : text.codePointCount(0, text.length());
    }
    return filter.of(rewards, characters);
  }

  /**
   * The prompt with what is learnt: the sampled tokens, whose last one says that the text ends if
   * it did. A text that was cut out at a stop text is written anew, with an end.
   */
  private TrainingSequence text(Group group, Rollout rollout) {
    if (rollout.finish() != FinishReason.STOP_STRING) {
      return Sequences.of(group, rollout);
    }
    int[] prompt = group.promptTokens();
    int[] text = prompts.tokenizer().encode(rollout.text().stripTrailing());
    int end = prompts.tokenizer().eosToken();
    boolean ends = end != Tokenizer.NONE;
    int[] tokens = Arrays.copyOf(prompt, prompt.length + text.length + (ends ? 1 : 0));
    System.arraycopy(text, 0, tokens, prompt.length, text.length);
    if (ends) {
      tokens[tokens.length - 1] = end;
    }
    int room = Math.min(tokens.length, prompts.config().context());
    return new TrainingSequence(Arrays.copyOf(tokens, room), prompt.length);
  }

  private static long tokens(List<TrainingSequence> sequences) {
    return sequences.stream().mapToLong(TrainingSequence::responseLength).sum();
  }
}
