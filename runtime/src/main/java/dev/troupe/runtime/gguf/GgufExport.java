package dev.troupe.runtime.gguf;

import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a model directory as one GGUF file.
 *
 * @param file what was written
 * @param tensors how many tensors it holds
 * @param wide how many matrices are stored in single precision although another type was asked for,
 *     because their rows are no multiple of 32
 */
public record GgufExport(Path file, int tensors, int wide) {

  /**
   * Writes the file: complete and synchronized to the disk under its name, or not at all.
   *
   * @param directory a model in the Hugging Face layout with its tokenizer, of the family llama,
   *     mistral, qwen2 or qwen3
   * @param file must not exist yet: a person's files are never replaced
   * @param name of the model, for people
   * @param type how matrices are stored; vectors are always in single precision
   * @throws CheckpointException if the directory cannot be read, the file exists or cannot be
   *     written, or the format cannot express a part of the model or of its tokenizer
   */
  public static GgufExport write(Path directory, Path file, String name, GgufType type) {
    if (Files.exists(file)) {
      throw new CheckpointException(
          "cannot export to " + file + ": it exists; choose another name or remove it");
    }
    LoadedModel model = HuggingFaceDirectory.load(directory);
    var decoder = new GgufDecoder(model);
    var metadata = new GgufMetadata();
    decoder.describe(metadata, type);
    metadata.text("general.name", name);
    new GgufVocabulary(directory, model.config()).describe(metadata);
    List<GgufTensor> tensors = decoder.tensors(type);
    GgufFile.write(file, metadata, tensors);
    long wide =
        tensors.stream()
            .filter(tensor -> tensor.shape().length > 1 && tensor.type() != type)
            .count();
    return new GgufExport(file, tensors.size(), (int) wide);
  }
}
