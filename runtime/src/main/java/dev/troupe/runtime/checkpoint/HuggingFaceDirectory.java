package dev.troupe.runtime.checkpoint;

import dev.troupe.runtime.model.DecoderConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A model directory in the layout of the transformers library: {@code config.json}, the weights as
 * safetensors in one file or in shards, and the tokenizer's files.
 */
public final class HuggingFaceDirectory {
  /** Shards above this size are split on saving, as transformers does: 5 GB. */
  public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

  private static final String CONFIG = "config.json";
  private static final String TOKENIZER = "tokenizer.json";
  private static final List<String> TOKENIZER_FILES =
      List.of(
          TOKENIZER,
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "tokenizer.model",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja");

  private HuggingFaceDirectory() {}

  /**
   * Reads the configuration and maps the weights, see {@link Safetensors#read}.
   *
   * @throws CheckpointException if a file is missing or malformed, or if the weights do not fit the
   *     configuration; then it lists every tensor concerned
   */
  public static LoadedModel load(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new CheckpointException(
          directory + " is not a directory; expected one with config.json and model.safetensors");
    }
    DecoderConfig config = HuggingFaceConfig.read(directory.resolve(CONFIG));
    Map<String, HostTensor> tensors = WeightFiles.read(directory);
    return new LoadedModel(config, ExpectedTensors.unpack(directory, config, tensors));
  }

  /** As the other, with shards of at most {@link #DEFAULT_SHARD_BYTES}. */
  public static void save(
      Path directory, DecoderConfig config, Collection<HostTensor> tensors, Path tokenizerSource) {
    save(directory, config, tensors, tokenizerSource, DEFAULT_SHARD_BYTES);
  }

  /**
   * Writes a whole model directory. It appears under its name complete and synchronized to the
   * disk, or not at all.
   *
   * @param directory must not exist yet or be empty: a person's files are never replaced
   * @param tensors exactly the tensors of {@code config}
   * @param tokenizerSource directory whose tokenizer files are copied, or null for none
   * @param maxShardBytes weights beyond this size are split
   * @throws CheckpointException if something is there already, the tensors do not fit, the source
   *     has no tokenizer, or the directory cannot be written
   */
  public static void save(
      Path directory,
      DecoderConfig config,
      Collection<HostTensor> tensors,
      Path tokenizerSource,
      long maxShardBytes) {
    try {
      if (Files.exists(directory) && !isEmptyDirectory(directory)) {
        throw new CheckpointException(
            "cannot save a model as "
                + directory
                + ": it exists; choose another name or remove it");
      }
      Aside.directory(
          directory, aside -> writeInto(aside, config, tensors, tokenizerSource, maxShardBytes));
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + directory + ": " + e, e);
    }
  }

  /**
   * Writes the files of a model into a directory that exists and may hold others, such as the one
   * that {@link CheckpointStore#write} offers. Each file appears complete, the set of them does
   * not.
   *
   * @param tokenizerSource directory whose tokenizer files are copied, or null for none
   * @throws CheckpointException as {@link #save(Path, DecoderConfig, Collection, Path, long)} does
   */
  public static void writeInto(
      Path directory,
      DecoderConfig config,
      Collection<HostTensor> tensors,
      Path tokenizerSource,
      long maxShardBytes) {
    Collection<HostTensor> selected =
        ExpectedTensors.pack(directory, config, HostTensor.byName(tensors));
    HuggingFaceConfig.write(directory.resolve(CONFIG), config, widest(selected));
    WeightFiles.write(directory, selected, maxShardBytes);
    if (tokenizerSource != null) {
      copyTokenizer(tokenizerSource, directory);
    }
  }

  /**
   * Refuses a tokenizer that has more tokens than the embedding has rows. Fewer is common:
   * embeddings are padded to a round size.
   *
   * @param tokenizerSize the tokenizer's largest id plus one
   * @throws CheckpointException naming both sizes
   */
  public static void requireVocabulary(int tokenizerSize, DecoderConfig config) {
    if (tokenizerSize > config.vocabSize()) {
      throw new CheckpointException(
          ("the tokenizer has %d tokens, but the model's embedding has only %d rows (vocab_size);"
                  + " use the tokenizer that belongs to the model")
              .formatted(tokenizerSize, config.vocabSize()));
    }
  }

  private static void copyTokenizer(Path source, Path directory) {
    if (!Files.exists(source.resolve(TOKENIZER))) {
      throw new CheckpointException(source + " holds no " + TOKENIZER + " to save with the model");
    }
    for (String name : TOKENIZER_FILES) {
      if (Files.exists(source.resolve(name))) {
        try {
          Files.copy(
              source.resolve(name), directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
          throw new CheckpointException(
              "cannot copy " + source.resolve(name) + " to " + directory + ": " + e, e);
        }
      }
    }
  }

  /** The type in which transformers should hold the model: the one that loses nothing. */
  private static TensorType widest(Collection<HostTensor> tensors) {
    return tensors.stream()
        .map(HostTensor::dtype)
        .distinct()
        .reduce((a, b) -> a == b ? a : TensorType.F32)
        .orElse(TensorType.F32);
  }

  private static boolean isEmptyDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    }
  }
}
