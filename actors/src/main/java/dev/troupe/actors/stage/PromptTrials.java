package dev.troupe.actors.stage;

import dev.troupe.algorithms.promptselection.Trial;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.data.PromptSource;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.reward.WeightedReward;
import dev.troupe.runtime.settings.PromptSelectionStage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The logs of prompt selection: each query asked in each way, and how often the answer was right.
 *
 * @param queries the queries
 * @param successQP share of right answers of each query to each template, (Q, P)
 * @param samples answers behind each share
 */
record PromptTrials(List<Example> queries, double[][] successQP, int samples) {
  /** Requests that are decoded together. */
  private static final int UNIT = 96;

  /** Asks. An answer that cannot be scored counts as wrong. */
  static PromptTrials ask(
      PromptSelectionStage settings,
      PromptSource source,
      GenerationEngine engine,
      PromptTokens prompts,
      WeightedReward reward,
      long seed) {
    int templates = settings.templates().size();
    List<Example> queries =
        IntStream.range(0, Math.min(settings.queries(), source.size()))
            .mapToObj(source::get)
            .toList();
    var sampling =
        new Sampling(
            settings.temperature(),
            0,
            1,
            0,
            1,
            settings.maxTokens(),
            prompts.stopTokens(),
            List.of());
    double[][] successQP = new double[queries.size()][templates];
    int cells = queries.size() * templates;
    for (int from = 0; from < cells; from += UNIT) {
      var requests = new ArrayList<GenerationRequest>();
      for (int cell = from; cell < Math.min(from + UNIT, cells); cell++) {
        Example asked =
            asked(queries.get(cell / templates), settings.templates().get(cell % templates));
        requests.add(new GenerationRequest(cell, prompts.prompt(asked), settings.samples()));
      }
      List<List<Completion>> answers =
          engine.generate(requests, sampling, seed, prompts.tokenizer());
      for (int i = 0; i < answers.size(); i++) {
        int cell = from + i;
        Example query = queries.get(cell / templates);
        successQP[cell / templates][cell % templates] =
            answers.get(i).stream()
                .map(answer -> reward.judge(query, prompts.text(answer, List.of())))
                .mapToDouble(outcome -> isRight(outcome, reward) ? 1 : 0)
                .average()
                .orElseThrow();
      }
    }
    return new PromptTrials(queries, successQP, settings.samples());
  }

  private static Example asked(Example query, String template) {
    return new Example(
        query.id(),
        template.replace(PromptSelectionStage.QUERY, query.prompt()),
        query.answer(),
        query.fields());
  }

  private static boolean isRight(Outcome outcome, WeightedReward reward) {
    return outcome instanceof Outcome.Scored scored && scored.total() >= reward.fullMark();
  }

  /**
   * One trial an answer, query by query.
   *
   * @param features what is known of the text of a query
   */
  List<Trial> trials(Function<String, double[]> features) {
    var trials = new ArrayList<Trial>();
    for (int q = 0; q < queries.size(); q++) {
      Example query = queries.get(q);
      double[] known = features.apply(query.prompt());
      for (int p = 0; p < successQP[q].length; p++) {
        long right = Math.round(successQP[q][p] * samples);
        for (int sample = 0; sample < samples; sample++) {
          trials.add(new Trial(query.id(), known, indicator(p), sample < right));
        }
      }
    }
    return trials;
  }

  /** The features of a template: which one it is. */
  double[] indicator(int template) {
    double[] indicator = new double[successQP[0].length];
    indicator[template] = 1;
    return indicator;
  }

  /** The same of some of the queries only. */
  PromptTrials only(List<Integer> indices) {
    return new PromptTrials(
        indices.stream().map(queries::get).toList(),
        indices.stream().map(q -> successQP[q]).toArray(double[][]::new),
        samples);
  }
}
