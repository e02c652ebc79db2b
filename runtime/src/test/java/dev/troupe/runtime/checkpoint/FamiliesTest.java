package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.TinyDecoders;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every family from its files and back: what is read computes what the papers say. */
class FamiliesTest {
  /** Float32 through three layers against double precision. */
  private static final double TOLERANCE = 3e-5;

  /** Longer than every window, so that tokens drop out of sight. */
  private static final int LENGTH = 40;

  private static Accelerator accelerator;
  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  static List<DecoderConfig> decoders() {
    return TinyDecoders.all();
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void logProbabilitiesAreThoseOfTheFormulasReadFromTheFiles(DecoderConfig config)
      throws IOException {
    Path directory = saved(config, "model");
    int[] tokens = tokens(config);
    double[][] expected = new FormulaDecoder(directory).logProbabilities(tokens);
    float[] logps = logps(directory, tokens);
    for (int t = 1; t < LENGTH; t++) {
      assertEquals(expected[t - 1][tokens[t]], logps[t - 1], TOLERANCE, "token " + t);
    }
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void whatIsSavedIsLoadedBitForBitAndSavedTheSameAgain(DecoderConfig config) throws IOException {
    Path first = saved(config, "first");
    LoadedModel loaded = HuggingFaceDirectory.load(first);
    assertEquals(config, loaded.config());
    Path second = folder.resolve("second");
    try (DecoderWeights weights = DecoderWeights.load(accelerator, loaded)) {
      HuggingFaceDirectory.save(second, loaded.config(), weights.toHost(), null);
    }
    for (String name : List.of("config.json", "model.safetensors")) {
      assertEquals(-1, Files.mismatch(first.resolve(name), second.resolve(name)), name);
    }
    assertArrayEquals(logps(first, tokens(config)), logps(second, tokens(config)));
  }

  @Test
  void phi3KeepsItsFusedProjections() throws IOException {
    Map<String, HostTensor> stored =
        Safetensors.read(saved(TinyDecoders.phi3(), "phi3").resolve("model.safetensors"));
    // (3 + 1 + 1) heads of 8, 2 x 32 rows
    assertArrayEquals(
        new long[] {40, 24}, stored.get("model.layers.0.self_attn.qkv_proj.weight").shape());
    assertArrayEquals(
        new long[] {64, 24}, stored.get("model.layers.1.mlp.gate_up_proj.weight").shape());
    assertTrue(stored.keySet().stream().noneMatch(name -> name.contains("q_proj")));
  }

  @Test
  void gpt2KeepsItsNamesAndItsMatricesOfInputsByOutputs() throws IOException {
    Map<String, HostTensor> stored =
        Safetensors.read(saved(TinyDecoders.gpt2(), "gpt2").resolve("model.safetensors"));
    assertArrayEquals(
        new long[] {24, 72}, stored.get("transformer.h.0.attn.c_attn.weight").shape());
    assertArrayEquals(new long[] {24, 40}, stored.get("transformer.h.1.mlp.c_fc.weight").shape());
    assertTrue(
        stored
            .keySet()
            .containsAll(
                Set.of(
                    "transformer.wte.weight",
                    "transformer.wpe.weight",
                    "transformer.h.0.ln_1.bias",
                    "transformer.h.0.attn.c_attn.bias",
                    "transformer.ln_f.weight")));
  }

  @Test
  void gpt2sOwnFilesWithoutPrefixAndWithCausalMasksAreRead() throws IOException {
    DecoderConfig config = TinyDecoders.gpt2();
    Path prefixed = saved(config, "prefixed");
    Path bare = Files.createDirectory(folder.resolve("bare"));
    Files.copy(prefixed.resolve("config.json"), bare.resolve("config.json"));
    var tensors = new ArrayList<HostTensor>();
    Safetensors.read(prefixed.resolve("model.safetensors"))
        .values()
        .forEach(tensor -> tensors.add(tensor.renamed(tensor.name().replace("transformer.", ""))));
    tensors.add(HostTensor.of("h.0.attn.bias", new float[4], 1, 1, 2, 2));
    Safetensors.write(bare.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    assertArrayEquals(logps(prefixed, tokens(config)), logps(bare, tokens(config)));
  }

  private Path saved(DecoderConfig config, String name) {
    Path directory = folder.resolve(name);
    try (DecoderWeights weights = TinyDecoders.weights(accelerator, config, 11)) {
      HuggingFaceDirectory.save(directory, config, weights.toHost(), null);
    }
    return directory;
  }

  private static int[] tokens(DecoderConfig config) {
    var random = new Random(5);
    return random.ints(LENGTH, 0, config.vocabSize()).toArray();
  }

  private static float[] logps(Path directory, int[] tokens) {
    try (DecoderWeights weights =
            DecoderWeights.load(accelerator, HuggingFaceDirectory.load(directory));
        ScoringEngine engine = new ScoringEngine(weights, NumericType.FP32, 1024)) {
      return engine.logps(List.of(new TrainingSequence(tokens, 1)), 1).get(0);
    }
  }
}
