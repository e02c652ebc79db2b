package dev.troupe.runtime.reward.model;

import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.tokenizer.HuggingFaceTokenizers;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a model that was trained on preferences thinks of a completion: {@code beta * log(model /
 * reference)} of the completion behind its prompt (Rafailov et al. 2023, section 4, the implicit
 * reward of DPO). The models are loaded when the first completion is scored, and take turns.
 */
public final class ImplicitReward implements RewardFunction, AutoCloseable {
  /** The name of this kind of reward. */
  public static final String KIND = "implicit";

  private static final int MICRO_BATCH_TOKENS = 4096;

  private final Path model;
  private final Path reference;
  private final double beta;
  private final boolean isMean;
  private Tokenizer tokenizer;
  private Accelerator accelerator;
  private ScoringEngine preferring;
  private ScoringEngine anchor;

  private ImplicitReward(Path model, Path reference, double beta, boolean isMean) {
    this.model = model;
    this.reference = reference;
    this.beta = beta;
    this.isMean = isMean;
  }

  /** The {@link dev.troupe.runtime.reward.RewardFactory} of this kind. */
  public static Supplier<RewardFunction> read(Checked reward) {
    Path model = directory(reward, "model");
    Path reference = directory(reward, "reference");
    double beta = reward.decimal("beta", 1e-6, 1e6);
    boolean isMean = reward.bool("per-token");
    return () -> new ImplicitReward(model, reference, beta, isMean);
  }

  private static Path directory(Checked reward, String key) {
    Path directory = reward.path(key);
    if (reward.isSound(key) && !Files.isDirectory(directory)) {
      reward.refuse(key, "is no directory", "give that of a model, such as a checkpoint of a run");
    }
    return directory;
  }

  @Override
  public String name() {
    return KIND;
  }

  /**
   * @return nats times beta, a mean over the tokens where the settings say so; 0 for a completion
   *     without a token
   */
  @Override
  public synchronized double score(Example example, String completion) {
    open();
    int[] prompt = tokenizer.encode(example.prompt(), true);
    int[] answer = tokenizer.encode(completion);
    if (answer.length == 0) {
      return 0;
    }
    int[] tokens = Arrays.copyOf(prompt, prompt.length + answer.length);
    System.arraycopy(answer, 0, tokens, prompt.length, answer.length);
    List<TrainingSequence> sequence = List.of(new TrainingSequence(tokens, prompt.length));
    double ratio = sum(preferring, sequence) - sum(anchor, sequence);
    return beta * (isMean ? ratio / answer.length : ratio);
  }

  private double sum(ScoringEngine engine, List<TrainingSequence> sequence) {
    double sum = 0;
    for (float logp : engine.logps(sequence, 1).get(0)) {
      sum += logp;
    }
    return sum;
  }

  private void open() {
    if (accelerator != null) {
      return;
    }
    accelerator = Accelerator.beside();
    tokenizer = HuggingFaceTokenizers.load(model);
    preferring = engine(model);
    anchor = engine(reference);
  }

  private ScoringEngine engine(Path directory) {
    try (DecoderWeights weights =
        DecoderWeights.load(accelerator, HuggingFaceDirectory.load(directory))) {
      return new ScoringEngine(weights, NumericType.FP32, MICRO_BATCH_TOKENS);
    }
  }

  @Override
  public synchronized void close() {
    for (AutoCloseable part : new AutoCloseable[] {preferring, anchor, tokenizer, accelerator}) {
      close(part);
    }
    accelerator = null;
  }

  private static void close(AutoCloseable part) {
    try {
      if (part != null) {
        part.close();
      }
    } catch (Exception e) {
      throw new IllegalStateException("a model of the implicit reward cannot be closed", e);
    }
  }
}
