package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.PeftAdapter;
import dev.troupe.runtime.checkpoint.TensorType;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports of one run whose second stage trains adapters. */
class ExportCommandTest {
  private static final String RECIPE =
      """
      name = adapted
      directory = "%s"
      threads = 1
      task { kind = sort-digits, digits = 3, held-out = 100 }
      model { family = llama, width = 32, layers = 1, heads = 2, feed-forward = 40, context = 16 }
      tokenizer { kind = characters, alphabet = "0123456789>" }
      optimizer { learning-rate = 1e-2 }
      stages = [
        { name = sft, kind = sft, from = model, steps = 2, batch = 4 }
        { name = tuned, kind = sft, from = sft, steps = 2, batch = 4, optimizer.lora { rank = 2 } }
      ]
      """;

  @TempDir private static Path shared;
  private static Path run;

  @TempDir private Path folder;
  private final CommandLineRuns line = new CommandLineRuns();

  @BeforeAll
  static void train() throws Exception {
    run = shared.resolve("run");
    Path recipe = Files.writeString(shared.resolve("adapted.conf"), RECIPE.formatted(run));
    new CommandLineRuns().succeed("run", recipe, "--quiet");
  }

  @Test
  void aHuggingFaceDirectoryHoldsTheSameWeightsAndIsAModel() {
    Path model = folder.resolve("model");
    line.succeed("export", run, "--to", model, "--format", "hugging-face");

    Path checkpoint = run.resolve("checkpoints/tuned/step-2");
    assertEquals(
        HuggingFaceDirectory.load(checkpoint).tensors(),
        HuggingFaceDirectory.load(model).tensors());
    String said = line.succeed("generate", "--model", model, "--prompt", "321>", "--threads", "1");
    assertTrue(said.startsWith("321>"), said);
  }

  @Test
  void numbersAreNarrowedOnlyWhenAsked() {
    Path model = folder.resolve("half");
    line.succeed(
        "export",
        run,
        "--stage",
        "sft",
        "--step",
        2,
        "--to",
        model,
        "--format",
        "hugging-face",
        "--type",
        "bf16");
    HuggingFaceDirectory.load(model)
        .tensors()
        .values()
        .forEach(tensor -> assertEquals(TensorType.BF16, tensor.dtype()));
  }

  @Test
  void aGgufFileBeginsWithItsMagicAndTellsWhatStaysWide() throws Exception {
    Path file = folder.resolve("model.gguf");
    String said = line.succeed("export", run, "--to", file, "--format", "gguf", "--type", "Q8_0");
    assertEquals("GGUF", new String(Files.readAllBytes(file), 0, 4, "US-ASCII"));
    assertTrue(said.contains("1 matrices are stored as F32"), said);
  }

  @Test
  void adaptersAloneAndTheirBaseSayTheSameAsTheMergedModel() {
    Path adapters = folder.resolve("adapters");
    line.succeed("export", run, "--to", adapters, "--format", "peft");

    Path base = run.resolve("checkpoints/sft/step-2").toAbsolutePath();
    assertEquals(base.toString(), PeftAdapter.load(adapters).base());
    Object[] merged = {"generate", "--model", run, "--prompt", "3210>", "--threads", "1"};
    Object[] added = {
      "generate", "--model", base, "--adapter", adapters, "--prompt", "3210>", "--threads", "1"
    };
    assertEquals(line.succeed(merged), line.succeed(added));
  }

  @Test
  void aBaseThatIsGoneIsWrittenBesideTheAdapters() throws Exception {
    Path copy = folder.resolve("copy");
    copyTree(run, copy);
    deleteTree(copy.resolve("checkpoints/sft"));
    Path adapters = folder.resolve("adapters");
    line.succeed("export", copy, "--to", adapters, "--format", "peft");
    Path base = folder.resolve("adapters-base");
    assertEquals(base.toString(), PeftAdapter.load(adapters).base());
    assertEquals(
        HuggingFaceDirectory.load(run.resolve("checkpoints/sft/step-2")).tensors(),
        HuggingFaceDirectory.load(base).tensors());
  }

  @Test
  void mistakesAreSentencesAndLeaveNothing() {
    Path to = folder.resolve("x");
    assertTrue(
        line.refuse("export", run, "--to", to, "--format", "hugging-face", "--type", "Q8_0")
            .contains("choose F32, F16, BF16"));
    assertTrue(
        line.refuse("export", run, "--stage", "sftt", "--to", to, "--format", "gguf")
            .contains("has no stage sftt; it has model, sft, tuned"));
    assertTrue(
        line.refuse("export", run, "--stage", "sft", "--step", 9, "--to", to, "--format", "gguf")
            .contains("no checkpoint of step 9"));
    assertTrue(
        line.refuse("export", run, "--stage", "sft", "--to", to, "--format", "peft")
            .contains("holds no adapters"));
    assertTrue(
        line.refuse("export", folder, "--to", to, "--format", "gguf")
            .contains("neither a model directory"));
    assertTrue(
        line.refuse("export", run, "--to", run, "--format", "gguf").contains("is a directory"));
    assertFalse(Files.exists(to));
  }

  private static void copyTree(Path from, Path to) throws Exception {
    try (var paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  private static void deleteTree(Path root) throws Exception {
    try (var paths = Files.walk(root)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
