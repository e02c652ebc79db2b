package dev.troupe.actors.cli;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.stage.StageAdapters;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.checkpoint.PeftAdapter;
import dev.troupe.runtime.checkpoint.TensorType;
import dev.troupe.runtime.gguf.GgufExport;
import dev.troupe.runtime.gguf.GgufType;
import dev.troupe.runtime.settings.Recipe;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code troupe export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Writes a model or a checkpoint of a run in a format that others read.", ""},
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe export runs/quickstart --to sorter --format hugging-face",
      "  troupe export runs/quickstart --to sorter.gguf --format gguf --type Q8_0",
      "  troupe export runs/my-run --stage grpo --step 40 --to adapters --format peft"
    })
final class ExportCommand implements Callable<Integer> {
  /** Formats by the name people type. */
  enum Format {
    HUGGING_FACE,
    GGUF,
    PEFT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Mixin private CheckpointChoice checkpoint;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "PATH",
      description = "What to write: a directory, or for gguf a file. Must not exist yet.")
  private Path target;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description = {
        "hugging-face: config.json, safetensors and tokenizer, adapters merged;",
        "gguf: one file for llama.cpp and what is built on it;",
        "peft: the adapters alone, of a stage that trained some."
      })
  private Format format;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = {
        "How numbers are stored: F32 or F16, for gguf also Q8_0, for hugging-face",
        "also BF16 (default: as they are, in gguf F32 for BF16)."
      })
  private String type;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    List<String> types =
        switch (format) {
          case HUGGING_FACE -> List.of("F32", "F16", "BF16");
          case GGUF -> List.of("F32", "F16", "Q8_0");
          case PEFT -> List.of("F32");
        };
    if (type != null && !types.contains(type.toUpperCase(Locale.ROOT))) {
      throw new ParameterException(
          spec.commandLine(),
          "--type %s is not for --format %s; choose %s."
              .formatted(type, format, String.join(", ", types)));
    }
    Path directory = checkpoint.directory();
    switch (format) {
      case HUGGING_FACE -> exportDirectory(directory);
      case GGUF -> exportGguf(directory);
      case PEFT -> exportAdapters(directory);
    }
    return 0;
  }

  private void exportDirectory(Path directory) {
    LoadedModel model = HuggingFaceDirectory.load(directory);
    Collection<HostTensor> tensors = model.tensors().values();
    if (type != null) {
      TensorType wanted = TensorType.valueOf(type.toUpperCase(Locale.ROOT));
      tensors =
          tensors.stream()
              .map(it -> HostTensor.of(it.name(), wanted, it.toFloats(), it.shape()))
              .toList();
    }
    HuggingFaceDirectory.save(target, model.config(), tensors, directory);
    say("Wrote %s: %d tensors.", target, tensors.size());
  }

  private void exportGguf(Path directory) {
    Path file = target;
    if (Files.isDirectory(target)) {
      throw new RunException(
          "%s is a directory; give --to a file such as %s."
              .formatted(target, target.resolve("model.gguf")));
    }
    GgufExport export = GgufExport.write(directory, file, name(directory), ggufType(directory));
    say("Wrote %s: %d tensors.", export.file(), export.tensors());
    if (export.wide() > 0) {
      say("%d matrices are stored as F32: their rows are no multiple of 32.", export.wide());
    }
  }

  private GgufType ggufType(Path directory) {
    if (type != null) {
      return GgufType.valueOf(type.toUpperCase(Locale.ROOT));
    }
    boolean isHalf =
        HuggingFaceDirectory.load(directory).tensors().values().stream()
            .allMatch(tensor -> tensor.dtype() == TensorType.F16);
    return isHalf ? GgufType.F16 : GgufType.F32;
  }

  /** A checkpoint is called after its run and stage, another model after its directory. */
  private static String name(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    return ModelDirectory.runOf(directory)
        .map(run -> run.getFileName() + " " + absolute.getParent().getFileName())
        .orElseGet(() -> String.valueOf(absolute.getFileName()));
  }

  private void exportAdapters(Path directory) {
    Path run =
        ModelDirectory.runOf(directory)
            .orElseThrow(
                () ->
                    new RunException(
                        directory
                            + " is no checkpoint of a run, so it has no adapters; give a run directory."));
    StageAdapters stage = StageAdapters.read(Recipe.load(run.resolve("run.conf")), run, directory);
    PeftAdapter.requireSeparateProjections(stage.base().config());
    PeftAdapter adapters = stage.adapters();
    Path absolute = target.toAbsolutePath().normalize();
    Path base = absolute.resolveSibling(absolute.getFileName() + "-base");
    boolean needsBase = adapters.base().isEmpty();
    if (needsBase) {
      adapters = new PeftAdapter(adapters.lora(), adapters.tensors(), base.toString());
      HuggingFaceDirectory.save(
          base, stage.base().config(), stage.base().tensors().values(), directory);
    }
    adapters.save(target);
    say("Wrote %s: %d tensors.", target, adapters.tensors().size());
    say("Their base is %s%s.", adapters.base(), needsBase ? ", written beside them" : "");
  }

  private void say(String format, Object... values) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(format.formatted(values));
    out.flush();
  }
}
