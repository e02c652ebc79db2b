package dev.troupe.actors.run;

// README: from here
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.run.EmbeddedRun.Options;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Runs a recipe inside this program and prints the reward of every step. */
public final class ReadmeProgram {
  public static void main(String[] arguments) throws InterruptedException {
    RunSettings settings = Recipe.load(Path.of(arguments[0]), List.of("seed=2"));
    try (EmbeddedRun run =
        EmbeddedRun.start(settings, Options.usual("ReadmeProgram"), ReadmeProgram::print)) {
      Optional<RunOutcome> outcome;
      do {
        outcome = run.await(Duration.ofSeconds(1)); // empty while it runs; run.stop(reason) ends it
      } while (outcome.isEmpty());
      System.out.println(outcome.get()); // the digest of every stage's weights, or why it stopped
    }
  }

  private static void print(RunEvent event) {
    if (event instanceof RunEvent.StepFinished step) {
      System.out.println(step.metrics().stage() + " " + step.metrics().values().get("reward/mean"));
    }
  }
}
// README: to here
