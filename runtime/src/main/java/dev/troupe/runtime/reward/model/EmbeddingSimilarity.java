package dev.troupe.runtime.reward.model;

import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.tokenizer.HuggingFaceTokenizers;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How close in meaning a completion is to the answer: the cosine of the means of their tokens'
 * input embeddings in a model of one's own, in [-1, 1]. Words count, their order does not. From
 * each embedding the mean over the vocabulary is taken off, because trained embeddings share a
 * direction that says nothing (Mu and Viswanath 2018, "All-but-the-Top").
 */
public final class EmbeddingSimilarity implements RewardFunction, AutoCloseable {
  /** The name of this kind of reward. */
  public static final String KIND = "embedding-similarity";

  /** Names of the input embeddings in the families that there are. */
  private static final List<String> NAMES =
      List.of("model.embed_tokens.weight", "transformer.wte.weight", "wte.weight");

  private final Tokenizer tokenizer;
  private final float[] embeddings;
  private final float[] centre;
  private final Optional<String> field;

  private EmbeddingSimilarity(Tokenizer tokenizer, HostTensor table, Optional<String> field) {
    this.tokenizer = tokenizer;
    this.embeddings = table.toFloats();
    this.field = field;
    int width = (int) table.shape()[1];
    double[] mean = new double[width];
    for (int i = 0; i < embeddings.length; i++) {
      mean[i % width] += embeddings[i];
    }
    this.centre = new float[width];
    for (int d = 0; d < width; d++) {
      centre[d] = (float) (mean[d] * width / embeddings.length);
    }
  }

  /** The {@link dev.troupe.runtime.reward.RewardFactory} of this kind. */
  public static Supplier<RewardFunction> read(Checked reward) {
    Path directory = reward.path("model");
    if (reward.isSound("model") && !Files.isDirectory(directory)) {
      reward.refuse("model", "is no directory", "give that of a model with its tokenizer");
    }
    Optional<String> field = reward.optional("field", reward::text);
    return () -> load(directory, field);
  }

  private static EmbeddingSimilarity load(Path directory, Optional<String> field) {
    LoadedModel model = HuggingFaceDirectory.load(directory);
    HostTensor table =
        NAMES.stream()
            .map(model.tensors()::get)
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        directory + " has none of the tensors " + String.join(", ", NAMES)));
    return new EmbeddingSimilarity(HuggingFaceTokenizers.load(directory), table, field);
  }

  @Override
  public String name() {
    return KIND;
  }

  /**
   * @return in [-1, 1]; 0 for a completion without a token, which is like nothing
   * @throws IllegalStateException if the example has no such field or no answer
   */
  @Override
  public double score(Example example, String completion) {
    String wanted = field.map(example.fields()::get).orElseGet(example::requireAnswer);
    double[] a = mean(completion);
    double[] b = mean(wanted);
    double dot = 0;
    double normA = 0;
    double normB = 0;
    for (int d = 0; d < a.length; d++) {
      dot += a[d] * b[d];
      normA += a[d] * a[d];
      normB += b[d] * b[d];
    }
    return normA == 0 || normB == 0 ? 0 : dot / Math.sqrt(normA * normB);
  }

  private double[] mean(String text) {
    int width = centre.length;
    double[] mean = new double[width];
    int rows = embeddings.length / width;
    int counted = 0;
    for (int token : tokenizer.encode(text)) {
      if (token < rows) {
        counted++;
        for (int d = 0; d < width; d++) {
          mean[d] += embeddings[token * width + d] - centre[d];
        }
      }
    }
    for (int d = 0; d < width && counted > 0; d++) {
      mean[d] /= counted;
    }
    return mean;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
