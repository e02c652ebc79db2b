package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that README.md shows does what it says. */
class ReadmeProgramTest {
  @TempDir private Path directory;

  @Test
  void runsARecipeToItsEnd() throws Exception {
    String stages = "{ name = sft, kind = sft, from = model, steps = 2, batch = 4 }";
    Path run = directory.resolve("run");
    Path recipe = directory.resolve("small.conf");
    Files.writeString(recipe, SmallRuns.settings(run, stages).resolved().render());

    ReadmeProgram.main(new String[] {recipe.toString()});

    assertTrue(Files.exists(run.resolve("checkpoints/sft/step-2/model.safetensors")));
  }
}
