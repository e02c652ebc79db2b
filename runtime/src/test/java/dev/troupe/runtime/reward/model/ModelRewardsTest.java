package dev.troupe.runtime.reward.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.checkpoint.TensorType;
import dev.troupe.runtime.checkpoint.TinyDecoder;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.SettingsException;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rewards from model directories, with models of a few hundred numbers. */
class ModelRewardsTest {
  private static final double EXACT = 1e-6;
  private static final Example EXAMPLE = new Example("e", "ab", "ab", Map.of("other", "cd"));

  @TempDir private Path folder;
  private final CharacterTokenizer tokenizer = new CharacterTokenizer("abcd");

  private DecoderConfig config() {
    return DecoderConfig.llama(tokenizer.vocabSize(), 8, 2, 2, 1, 12, 16);
  }

  private Path save(String name, List<HostTensor> tensors) throws Exception {
    Path directory = Files.createDirectories(folder.resolve(name));
    HuggingFaceDirectory.writeInto(
        directory, config(), tensors, null, HuggingFaceDirectory.DEFAULT_SHARD_BYTES);
    tokenizer.save(directory);
    return directory;
  }

  private static RewardFunction reward(String text) {
    return RewardCatalog.standard().create(ConfigFactory.parseString(text));
  }

  /** Embeddings of a and b point one way, those of c and d the other. */
  private Path embedded() throws Exception {
    var tensors = new ArrayList<HostTensor>();
    for (HostTensor tensor : TinyDecoder.tensors(config(), TensorType.F32)) {
      if (tensor.name().equals("model.embed_tokens.weight")) {
        float[] values = new float[(int) tensor.elements()];
        for (char letter : "abcd".toCharArray()) {
          int row = tokenizer.encode(String.valueOf(letter))[0] * 8;
          values[row] = letter <= 'b' ? 1 : -1;
          values[row + 1] = letter == 'b' ? 1 : letter == 'd' ? -1 : 0;
        }
        tensors.add(HostTensor.of(tensor.name(), values, tensor.shape()));
      } else {
        tensors.add(tensor);
      }
    }
    return save("embedded", tensors);
  }

  @Test
  void similarityIsTheCosineOfMeanEmbeddings() throws Exception {
    RewardFunction reward = reward("kind = embedding-similarity, model = \"" + embedded() + '"');

    // The mean over the vocabulary is 0: a = (1, 0), b = (1, 1), c = (-1, 0), d = (-1, -1).
    // answer ab: (1, 0.5)     "a": 1 / sqrt(1.25)     "cd": opposite     order does not count
    assertEquals(1, reward.score(EXAMPLE, "ba"), EXACT);
    assertEquals(1 / Math.sqrt(1.25), reward.score(EXAMPLE, "a"), EXACT);
    assertEquals(-1, reward.score(EXAMPLE, "cd"), EXACT);
    assertEquals(0, reward.score(EXAMPLE, ""), EXACT);
    ((AutoCloseable) reward).close();
  }

  @Test
  void similarityCanBeToAFieldOfTheExample() throws Exception {
    RewardFunction reward =
        reward("kind = embedding-similarity, field = other, model = \"" + embedded() + '"');

    assertEquals(-1, reward.score(EXAMPLE, "ab"), EXACT);
    ((AutoCloseable) reward).close();
  }

  @Test
  void implicitRewardIsTheScaledLogRatioOfTheCompletion() throws Exception {
    List<HostTensor> tensors = TinyDecoder.tensors(config(), TensorType.F32);
    Path reference = save("reference", tensors);
    var moved = new ArrayList<HostTensor>();
    for (HostTensor tensor : tensors) {
      float[] values = tensor.toFloats();
      for (int i = 0; i < values.length; i += 3) {
        values[i] += 0.1f;
      }
      moved.add(HostTensor.of(tensor.name(), values, tensor.shape()));
    }
    Path model = save("model", moved);
    String section =
        "kind = implicit, beta = 0.5, model = \"%s\", reference = \"%s\""
            .formatted(model, reference);

    RewardFunction whole = reward(section);
    RewardFunction mean = reward(section + ", per-token = true");
    RewardFunction none =
        reward("kind = implicit, model = \"%s\", reference = \"%s\"".formatted(model, model));

    double ratio = logp(model, "ab", "cda") - logp(reference, "ab", "cda");
    assertTrue(Math.abs(ratio) > 1e-3, "the models differ");
    assertEquals(0.5 * ratio, whole.score(EXAMPLE, "cda"), 1e-5);
    assertEquals(0.5 * ratio / 3, mean.score(EXAMPLE, "cda"), 1e-5);
    assertEquals(0, none.score(EXAMPLE, "cda"), EXACT);
    assertEquals(0, whole.score(EXAMPLE, ""), EXACT);
    for (RewardFunction reward : List.of(whole, mean, none)) {
      ((AutoCloseable) reward).close();
    }
  }

  private double logp(Path directory, String prompt, String completion) {
    LoadedModel model = HuggingFaceDirectory.load(directory);
    try (Accelerator accelerator = Accelerator.beside();
        DecoderWeights weights = DecoderWeights.load(accelerator, model);
        var engine = new ScoringEngine(weights, NumericType.FP32, 64)) {
      int[] before = tokenizer.encode(prompt, true);
      int[] after = tokenizer.encode(completion);
      int[] tokens = new int[before.length + after.length];
      System.arraycopy(before, 0, tokens, 0, before.length);
      System.arraycopy(after, 0, tokens, before.length, after.length);
      double sum = 0;
      for (float logp :
          engine.logps(List.of(new TrainingSequence(tokens, before.length)), 1).get(0)) {
        sum += logp;
      }
      return sum;
    }
  }

  @Test
  void aDirectoryThatIsNotThereIsToldWithTheOtherMistakes() {
    var thrown =
        assertThrows(
            SettingsException.class,
            () -> reward("kind = implicit, model = nowhere, reference = elsewhere, beta = 0"));

    assertEquals(3, thrown.problems().size(), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("is no directory"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("give that of a model"), thrown.getMessage());
  }
}
