package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HuggingFaceDirectoryTest {
  private static final DecoderConfig CONFIG = TinyDecoder.CONFIG;
  private static final DecoderConfig UNTIED = untied();
  private static final List<HostTensor> TENSORS = TinyDecoder.tensors(CONFIG, TensorType.F32);

  /** The largest tensor of the decoder is a projection of 12 x 8 floats. */
  private static final int LARGEST_BYTES = 12 * 8 * 4;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void loadsWhatItSaved(TensorType dtype) {
    Path model = folder.resolve("model");
    DecoderConfig config = CONFIG.withScores(1).withTokens(1, List.of(2), 0);
    List<HostTensor> tensors = TinyDecoder.tensors(config, dtype);
    HuggingFaceDirectory.save(model, config, tensors, null);
    LoadedModel loaded = HuggingFaceDirectory.load(model);
    assertEquals(config, loaded.config());
    assertEquals(HostTensor.byName(tensors), loaded.tensors());
    assertEquals(WeightsDigest.of(tensors), WeightsDigest.of(loaded.tensors().values()));
  }

  @Test
  void loadsShardsAsOneModel() throws IOException {
    Path model = folder.resolve("model");
    HuggingFaceDirectory.save(model, CONFIG, TENSORS, null, 2 * LARGEST_BYTES);
    // 80 + 2*(8 + 2*64 + 2*32 + 8 + 3*96) + 8 = 1080 values of 4 bytes in shards of at most 768
    assertEquals(1080, CONFIG.parameters());
    Set<String> names = fileNames(model);
    assertTrue(names.contains("model.safetensors.index.json"), names.toString());
    assertFalse(names.contains("model.safetensors"));
    for (String name : names) {
      if (name.matches("model-\\d{5}-of-\\d{5}\\.safetensors")) {
        var shard = Safetensors.read(model.resolve(name)).values();
        int bytes = shard.stream().mapToInt(HostTensor::bytes).sum();
        assertTrue(0 < bytes && bytes <= 2 * LARGEST_BYTES, name + " holds " + bytes + " bytes");
      }
    }
    var index = new ObjectMapper().readTree(model.resolve("model.safetensors.index.json").toFile());
    assertEquals(1080 * 4, index.path("metadata").path("total_size").asInt());
    assertEquals(TENSORS.size(), index.path("weight_map").size());
    assertEquals(HostTensor.byName(TENSORS), HuggingFaceDirectory.load(model).tensors());
  }

  @Test
  void givesATensorBeyondTheLimitAShardOfItsOwn() {
    Path model = folder.resolve("model");
    HuggingFaceDirectory.save(model, CONFIG, TENSORS, null, 1);
    assertEquals(HostTensor.byName(TENSORS), HuggingFaceDirectory.load(model).tensors());
  }

  @Test
  void listsMissingUnexpectedAndUnfittingTensorsTogether() {
    Path model = model(CONFIG);
    var tensors = new ArrayList<>(TENSORS);
    tensors.removeIf(
        tensor ->
            Set.of("model.norm.weight", "model.layers.1.input_layernorm.weight")
                .contains(tensor.name()));
    replace(tensors, HostTensor.of("model.layers.0.self_attn.q_proj.weight", new float[32], 4, 8));
    replace(
        tensors,
        new HostTensor(
            "model.layers.0.input_layernorm.weight",
            TensorType.I32,
            new long[] {8},
            ByteBuffer.allocate(32)));
    tensors.add(HostTensor.of("model.layers.2.input_layernorm.weight", new float[8], 8));
    Safetensors.write(model.resolve("model.safetensors"), tensors, Map.of());
    var failure = assertThrows(CheckpointException.class, () -> HuggingFaceDirectory.load(model));
    assertEquals(
        model
            + ": 5 of the tensors do not fit the llama decoder that config.json describes:\n"
            + "  model.layers.0.input_layernorm.weight: expected F32, F16 or BF16 [8], found I32 [8]\n"
            + "  model.layers.0.self_attn.q_proj.weight: expected F32, F16 or BF16 [8, 8], found F32"
            + " [4, 8]\n"
            + "  model.layers.1.input_layernorm.weight: expected [8], missing\n"
            + "  model.norm.weight: expected [8], missing\n"
            + "  model.layers.2.input_layernorm.weight: unexpected, found F32 [8]",
        failure.getMessage());
  }

  @Test
  void leavesOutStoredRotaryFrequenciesAndACopyOfTheTiedHead() {
    Path model = model(CONFIG);
    var tensors = new ArrayList<>(TENSORS);
    tensors.add(HostTensor.of("model.layers.0.self_attn.rotary_emb.inv_freq", new float[2], 2));
    tensors.add(HostTensor.of("model.rotary_emb.inv_freq", new float[2], 2));
    tensors.add(
        HostTensor.byName(TENSORS).get("model.embed_tokens.weight").renamed("lm_head.weight"));
    Safetensors.write(model.resolve("model.safetensors"), tensors, Map.of());
    assertEquals(HostTensor.byName(TENSORS), HuggingFaceDirectory.load(model).tensors());
  }

  @Test
  void refusesATiedHeadThatDiffersFromTheEmbedding() {
    Path model = model(CONFIG);
    var tensors = new ArrayList<>(TENSORS);
    tensors.add(HostTensor.of("lm_head.weight", new float[80], 10, 8));
    Safetensors.write(model.resolve("model.safetensors"), tensors, Map.of());
    var failure = assertThrows(CheckpointException.class, () -> HuggingFaceDirectory.load(model));
    assertTrue(
        failure
            .getMessage()
            .contains("lm_head.weight: tie_word_embeddings = true, but it differs from"),
        failure.getMessage());
  }

  @Test
  void keepsTheHeadOfAnUntiedModel() {
    Path model = folder.resolve("model");
    List<HostTensor> tensors = TinyDecoder.tensors(UNTIED, TensorType.F32);
    HuggingFaceDirectory.save(model, UNTIED, tensors, null);
    assertTrue(HuggingFaceDirectory.load(model).tensors().containsKey("lm_head.weight"));
  }

  @Test
  void namesShardsAndTensorsThatTheIndexPromisesInVain() throws IOException {
    Path model = model(CONFIG);
    Files.delete(model.resolve("model.safetensors"));
    Safetensors.write(
        model.resolve("a.safetensors"),
        List.of(HostTensor.of("x", new float[1], 1), HostTensor.of("z", new float[1], 1)),
        Map.of());
    Path index =
        Files.writeString(
            model.resolve("model.safetensors.index.json"),
            """
            {"weight_map": {"x": "a.safetensors", "y": "a.safetensors", "w": "b.safetensors"}}
            """);
    var failure = assertThrows(CheckpointException.class, () -> HuggingFaceDirectory.load(model));
    assertEquals(
        index
            + ": tensor z is in shard a.safetensors, but the index places it nowhere;"
            + " shard b.safetensors is missing; tensor y is not in shard a.safetensors",
        failure.getMessage());
  }

  @Test
  void refusesAnIndexThatPointsOutOfItsDirectory() throws IOException {
    Path model = model(CONFIG);
    Files.delete(model.resolve("model.safetensors"));
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"x\": \"../other/model.safetensors\"}}");
    var failure = assertThrows(CheckpointException.class, () -> HuggingFaceDirectory.load(model));
    assertTrue(
        failure.getMessage().contains("is not the name of a safetensors file"),
        failure.getMessage());
  }

  @Test
  void saysWhichFilesAModelNeeds() throws IOException {
    Path model = model(CONFIG);
    Files.delete(model.resolve("model.safetensors"));
    var noWeights = assertThrows(CheckpointException.class, () -> HuggingFaceDirectory.load(model));
    assertEquals(
        model
            + " holds neither model.safetensors nor model.safetensors.index.json; convert other"
            + " formats to safetensors first",
        noWeights.getMessage());
    Path absent = folder.resolve("absent");
    var noModel = assertThrows(CheckpointException.class, () -> HuggingFaceDirectory.load(absent));
    assertTrue(noModel.getMessage().startsWith(absent + " is not a directory"));
  }

  @Test
  void copiesTheTokenizerOfAnotherModel() throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.writeString(source.resolve("tokenizer.json"), "{}");
    Files.writeString(source.resolve("merges.txt"), "a b");
    Files.writeString(source.resolve("notes.txt"), "not part of a tokenizer");
    Path model = folder.resolve("model");
    HuggingFaceDirectory.save(model, CONFIG, TENSORS, source);
    assertEquals(
        Set.of("config.json", "model.safetensors", "tokenizer.json", "merges.txt"),
        fileNames(model));
  }

  @Test
  void leavesNothingBehindWhenSavingFails() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path model = folder.resolve("model");
    // The weights are on the disk already when the missing tokenizer is noticed.
    assertThrows(
        CheckpointException.class, () -> HuggingFaceDirectory.save(model, CONFIG, TENSORS, empty));
    assertThrows(
        CheckpointException.class, () -> HuggingFaceDirectory.save(model, UNTIED, TENSORS, null));
    assertEquals(Set.of("empty"), fileNames(folder));
  }

  @Test
  void neverReplacesWhatIsThere() throws IOException {
    Path model = model(CONFIG);
    var failure =
        assertThrows(
            CheckpointException.class,
            () -> HuggingFaceDirectory.save(model, CONFIG, TENSORS, null));
    assertEquals(
        "cannot save a model as " + model + ": it exists; choose another name or remove it",
        failure.getMessage());
    Path empty = Files.createDirectory(folder.resolve("empty"));
    HuggingFaceDirectory.save(empty, CONFIG, TENSORS, null);
    assertEquals(CONFIG, HuggingFaceDirectory.load(empty).config());
  }

  @Test
  void addsAModelToADirectoryThatHoldsOtherFiles() throws IOException {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Files.writeString(shared.resolve("optimizer.bin"), "state");
    HuggingFaceDirectory.writeInto(shared, CONFIG, TENSORS, null, Long.MAX_VALUE);
    assertEquals(CONFIG, HuggingFaceDirectory.load(shared).config());
    assertTrue(Files.exists(shared.resolve("optimizer.bin")));
  }

  @Test
  void refusesATokenizerLargerThanTheEmbedding() {
    assertDoesNotThrow(() -> HuggingFaceDirectory.requireVocabulary(10, CONFIG));
    assertDoesNotThrow(() -> HuggingFaceDirectory.requireVocabulary(9, CONFIG));
    var failure =
        assertThrows(
            CheckpointException.class, () -> HuggingFaceDirectory.requireVocabulary(11, CONFIG));
    assertTrue(
        failure
            .getMessage()
            .startsWith("the tokenizer has 11 tokens, but the model's embedding has only 10 rows"));
  }

  @Test
  void keepsTheTensorsOfAModelInTheOrderOfTheirNames() {
    LoadedModel loaded = HuggingFaceDirectory.load(model(CONFIG));
    assertArrayEquals(
        CONFIG.tensorShapes().keySet().toArray(), loaded.tensors().keySet().toArray());
  }

  private Path model(DecoderConfig config) {
    Path model = folder.resolve("model");
    HuggingFaceDirectory.save(model, config, TinyDecoder.tensors(config, TensorType.F32), null);
    return model;
  }

  private static void replace(List<HostTensor> tensors, HostTensor replacement) {
    tensors.replaceAll(old -> old.name().equals(replacement.name()) ? replacement : old);
  }

  private static Set<String> fileNames(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static DecoderConfig untied() {
    return new DecoderConfig(
        "llama",
        10,
        8,
        1,
        2,
        1,
        4,
        12,
        16,
        1e-5,
        1e4,
        false,
        false,
        false,
        false,
        false,
        0,
        -1,
        List.of(),
        -1,
        DecoderTraits.PLAIN);
  }
}
