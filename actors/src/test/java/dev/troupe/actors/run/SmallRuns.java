package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunListener;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** Whole runs of a model so small that they take seconds. */
public final class SmallRuns {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** An SFT stage, two siblings, their soup and a DPO model: what a GRPO stage stands on. */
  public static final String STAGES =
      """
      { name = base, kind = sft, from = model, steps = 6, batch = 8 }
      { name = sft-a, kind = sft, from = base, steps = 3, batch = 8, data-seed = 1 }
      { name = sft-b, kind = sft, from = base, steps = 3, batch = 8, data-seed = 2 }
      { name = soup, kind = soup, of = [sft-a, sft-b] }
      { name = dpo, kind = dpo, from = sft-a, steps = 4, prompts = 4, group-size = 4
        preference = [ { kind = digit-placement, weight = 1 } ] }
      """;

  private SmallRuns() {}

  /** A recipe with some stages. */
  public static RunSettings settings(Path directory, String stages, String... overrides) {
    return Recipe.parse(recipe(directory, stages), "small", List.of(overrides));
  }

  /** The recipe of such a run. */
  static String recipe(Path directory, String stages) {
    return """
        name = small
        directory = "%s"
        threads = 1
        task { kind = sort-digits, digits = 3, held-out = 100 }
        reward = [ { kind = digit-placement, weight = 1 } ]
        model { family = llama, width = 16, layers = 2, heads = 2, feed-forward = 32, context = 16 }
        tokenizer { kind = characters, alphabet = "0123456789>" }
        optimizer { learning-rate = 1e-2 }
        sampling { max-tokens = 5 }
        checkpoints { every = 2 }
        stages = [ %s ]
        """
        .formatted(directory, stages);
  }

  /** Runs to the end. */
  static RunOutcome run(RunSettings settings, int generators) throws InterruptedException {
    return runUntil(settings, generators, event -> false);
  }

  /** Runs until an event at which somebody interrupts, or to the end. */
  static RunOutcome runUntil(RunSettings settings, int generators, Predicate<RunEvent> interrupt)
      throws InterruptedException {
    var running = new AtomicReference<EmbeddedRun>();
    var isWanted = new AtomicReference<>(false);
    RunListener listener =
        event -> {
          if (interrupt.test(event)) {
            isWanted.set(true);
            EmbeddedRun run = running.get();
            if (run != null) {
              run.stop("interrupted by the test");
            }
          }
        };
    var options =
        new EmbeddedRun.Options("troupe run small.conf", Clock.systemUTC(), directory -> {});
    RunSettings wanted =
        Recipe.parse(settings.resolved().render(), "small", List.of("generators=" + generators));
    try (EmbeddedRun run = EmbeddedRun.start(wanted, options, listener)) {
      running.set(run);
      if (isWanted.get()) {
        run.stop("interrupted by the test");
      }
      Optional<RunOutcome> outcome = run.await(PATIENCE);
      assertTrue(outcome.isPresent(), "no outcome within " + PATIENCE);
      return outcome.get();
    }
  }

  /** Runs to its end, which must be a good one, in one process with one generator. */
  static Map<String, String> complete(RunSettings settings) throws InterruptedException {
    return complete(settings, 1);
  }

  /** Runs to its end, which must be a good one; the digest of the weights of each stage. */
  static Map<String, String> complete(RunSettings settings, int generators)
      throws InterruptedException {
    RunOutcome outcome = run(settings, generators);
    return assertInstanceOf(RunOutcome.Completed.class, outcome, outcome.toString()).digests();
  }

  /** Runs until a step of a stage is written down and interrupts it there. */
  static void stopAfter(RunSettings settings, String stage, long step) throws InterruptedException {
    Predicate<RunEvent> isReached =
        event ->
            event instanceof RunEvent.StepFinished finished
                && finished.metrics().stage().equals(stage)
                && finished.metrics().step() == step;
    assertInstanceOf(RunOutcome.Stopped.class, runUntil(settings, 1, isReached));
  }

  /** What a run wrote down about a step. */
  static StepMetrics step(RunSettings settings, String stage, long step) {
    return MetricsLog.read(settings.directory().resolve("metrics.jsonl")).stream()
        .filter(metrics -> metrics.stage().equals(stage) && metrics.step() == step)
        .findFirst()
        .orElseThrow();
  }
}
