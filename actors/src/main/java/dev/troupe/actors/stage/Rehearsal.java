package dev.troupe.actors.stage;

import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.sft.SftLoss;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.data.PromptSource;
import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.settings.ModelSettings;
import dev.troupe.runtime.settings.PolicyGradientStage;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SftStage;
import dev.troupe.runtime.settings.StageSettings;
import dev.troupe.runtime.settings.TrainedStage;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How long the steps of a stage would take here, from doing a part of one with the run's decoder
 * and prompts: one work unit of a bounded length is decoded, read by a frozen model and trained on.
 * Completions are taken to be as long as they may be, and what different roles do at the same time
 * is added up, as on a machine whose cores are all busy.
 *
 * @param stage its name
 * @param generateSeconds decoding of a step
 * @param referenceSeconds reading of a step by its frozen models
 * @param trainSeconds training of a step
 */
public record Rehearsal(
    String stage, double generateSeconds, double referenceSeconds, double trainSeconds) {

  /** Tokens decoded for each completion: enough for a rate, few enough for seconds. */
  private static final int MOST_TOKENS = 32;

  /** Rows that are decoded and trained on. */
  private static final int MOST_ROWS = 64;

  private static final double NANOS = 1e-9;

  /** Seconds of a step, reward functions not counted. */
  public double stepSeconds() {
    return generateSeconds + referenceSeconds + trainSeconds;
  }

  /**
   * Does a part of each stage that trains.
   *
   * @param stages the plans of the run
   * @return one for each stage that trains by gradients, in their order
   */
  public static List<Rehearsal> of(
      RunSettings settings, List<StagePlan> stages, TaskData data, PromptTokens prompts) {
    var rehearsals = new ArrayList<Rehearsal>();
    try (Accelerator accelerator = Accelerator.of(settings.device(), settings.threads());
        DecoderWeights weights = weights(settings, accelerator, prompts)) {
      var stage = new Stage(settings, prompts, accelerator, weights);
      for (StagePlan plan : stages) {
        settings.stages().stream()
            .filter(it -> it.name().equals(plan.name()) && it instanceof TrainedStage)
            .forEach(it -> rehearsals.add(stage.rehearse(it, plan, data.train(plan.name()))));
      }
    }
    return rehearsals;
  }

  private static DecoderWeights weights(
      RunSettings settings, Accelerator accelerator, PromptTokens prompts) {
    return settings.model() instanceof ModelSettings.Pretrained model
        ? DecoderWeights.load(accelerator, HuggingFaceDirectory.load(model.path()))
        : DecoderWeights.random(accelerator, prompts.config(), settings.seed());
  }

  /** What the stages share. */
  private record Stage(
      RunSettings settings, PromptTokens prompts, Accelerator accelerator, DecoderWeights weights) {

    Rehearsal rehearse(StageSettings stage, StagePlan plan, PromptSource source) {
      if (plan.tickets().isEmpty()) {
        int batch = stage instanceof SftStage sft ? sft.batch() : 1;
        return new Rehearsal(plan.name(), 0, 0, demonstrations(stage, source, batch));
      }
      TicketPlan tickets = plan.tickets().get();
      long rollouts = (long) tickets.prompts() * tickets.samples() * tickets.candidates();
      int most = tickets.sampling().maxTokens();
      int length = Math.min(most, MOST_TOKENS);
      int groups =
          Math.max(
              1,
              Math.min(
                  Math.min(tickets.unitPrompts(), tickets.prompts()),
                  MOST_ROWS / tickets.samples()));
      var requests = new ArrayList<GenerationRequest>();
      for (int i = 0; i < groups; i++) {
        int[] prompt = prompts.prompt(source.get(i % source.size()));
        requests.add(new GenerationRequest(i, prompt, tickets.samples()));
      }
      int rows = groups * tickets.samples();
      double decoding;
      List<TrainingSequence> sequences;
      try (var engine =
          new GenerationEngine(accelerator, prompts.config(), TrainerChoice.compute(settings))) {
        engine.adopt(weights);
        Sampling sampling = Sampling.plain(length, List.of());
        engine.generate(requests, sampling, settings.seed(), prompts.tokenizer());
        long begin = System.nanoTime();
        sequences =
            sequences(
                requests,
                engine.generate(requests, sampling, settings.seed() + 1, prompts.tokenizer()));
        decoding = seconds(begin) / ((double) rows * length);
      }
      double tokens = (double) rollouts * most;
      int passes = stage instanceof PolicyGradientStage policy ? policy.epochs() : 1;
      TrainedStage trained = (TrainedStage) stage;
      // A step's completions are longer than those here in the proportion of these.
      double share = (double) rollouts / rows * most / length;
      double reading = trained.frozenModels() == 0 ? 0 : read(sequences, trained);
      return new Rehearsal(
          plan.name(),
          decoding * tokens,
          reading * share * trained.frozenModels(),
          train(stage, sequences) * share * passes);
    }

    private static List<TrainingSequence> sequences(
        List<GenerationRequest> requests, List<List<Completion>> completions) {
      var sequences = new ArrayList<TrainingSequence>();
      for (int i = 0; i < requests.size(); i++) {
        int[] prompt = requests.get(i).promptTokens();
        for (Completion completion : completions.get(i)) {
          int[] tokens = Arrays.copyOf(prompt, prompt.length + completion.tokens().length);
          System.arraycopy(
              completion.tokens(), 0, tokens, prompt.length, completion.tokens().length);
          sequences.add(new TrainingSequence(tokens, prompt.length));
        }
      }
      return sequences;
    }

    private double demonstrations(StageSettings stage, PromptSource source, int batch) {
      int rows = Math.min(batch, MOST_ROWS);
      var sequences = new ArrayList<TrainingSequence>();
      for (int i = 0; i < rows && source.get(i % source.size()).answer() != null; i++) {
        sequences.add(prompts.demonstration(source.get(i % source.size())));
      }
      return sequences.isEmpty() ? 0 : train(stage, sequences) * batch / rows;
    }

    /** Seconds of one pass over the sequences with its optimizer step. */
    private double train(StageSettings stage, List<TrainingSequence> sequences) {
      List<float[]> shares =
          Arrays.asList(
              Aggregation.TOKEN_MEAN.weights(
                  sequences.stream().mapToInt(TrainingSequence::responseLength).toArray(), 0));
      try (var trainer =
          new Trainer(
              weights,
              TrainerChoice.of(settings, stage.name(), ((TrainedStage) stage).optimizer(), 1, 1))) {
        step(trainer, sequences, shares);
        long begin = System.nanoTime();
        step(trainer, sequences, shares);
        return seconds(begin);
      }
    }

    private static void step(
        Trainer trainer, List<TrainingSequence> sequences, List<float[]> shares) {
      trainer.step(
          sequences,
          Selection.RESPONSE,
          1,
          micro -> SftLoss.loss(micro.logpBT(), micro.rows(shares)));
    }

    private double read(List<TrainingSequence> sequences, TrainedStage stage) {
      try (var engine =
          new ScoringEngine(
              weights, TrainerChoice.compute(settings), stage.optimizer().microBatchTokens())) {
        engine.logps(sequences, 1);
        long begin = System.nanoTime();
        engine.logps(sequences, 1);
        return seconds(begin);
      }
    }

    private static double seconds(long begin) {
      return (System.nanoTime() - begin) * NANOS;
    }
  }
}
