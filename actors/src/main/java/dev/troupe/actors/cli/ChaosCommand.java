package dev.troupe.actors.cli;

import dev.troupe.actors.chaos.Chaos;
import dev.troupe.actors.chaos.ChaosReport;
import dev.troupe.actors.chaos.Fault;
import dev.troupe.actors.protocol.RunException;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code troupe chaos}. */
@Command(
    name = "chaos",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs a recipe in processes that are killed, frozen, starved and damaged at seeded",
      "moments, and compares what is left with an undisturbed run: weights, records of all",
      "steps and evaluations must be the same to the bit.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe chaos my.conf --faults 20 --seed 7 --directory runs/chaos",
      "  troupe chaos my.conf --events kill,stop --faults 5 stages.grpo.steps=20"
    })
final class ChaosCommand implements Callable<Integer> {
  private static final Duration FREEZE = Duration.ofSeconds(3);

  @Spec private CommandSpec spec;

  @Mixin private RecipeChoice recipe;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Chooses the moments (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--faults",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many faults happen, 1 to 10000 (default: ${DEFAULT-VALUE}).")
  private int faults;

  @Option(
      names = "--events",
      paramLabel = "KIND",
      split = ",",
      defaultValue = "kill,term,stop,corrupt,tear,disk-full,oom",
      converter = FaultName.class,
      description = "Kinds of faults, in turn (default: ${DEFAULT-VALUE}).")
  private List<Fault> events;

  @Option(
      names = "--longest-delay",
      paramLabel = "MS",
      defaultValue = "300",
      description = "A fault follows a step by 0 to this many ms (default: ${DEFAULT-VALUE}).")
  private int longestDelayMillis;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description =
          "A process that tells nothing for so long counts as hanging (default: ${DEFAULT-VALUE}).")
  private int patienceSeconds;

  @Override
  public Integer call() throws InterruptedException {
    requireSensible();
    Path directory = recipe.load().directory();
    requireEmpty(directory);
    PrintWriter out = spec.commandLine().getOut();
    var setting =
        new Chaos.Setting(
            this::command,
            directory,
            seed,
            faults,
            events,
            Duration.ofMillis(longestDelayMillis),
            Duration.ofSeconds(patienceSeconds),
            FREEZE);
    try {
      ChaosReport report =
          Chaos.perform(
              setting,
              sentence -> {
                out.println(sentence);
                out.flush();
              });
      return conclude(report, out);
    } catch (IOException e) {
      throw new RunException("The runs in %s cannot be watched: %s.".formatted(directory, e), e);
    }
  }

  private void requireSensible() {
    var mistakes = new ArrayList<String>();
    range(mistakes, "--faults", faults, 1, 10_000);
    range(mistakes, "--longest-delay", longestDelayMillis, 0, 60_000);
    range(mistakes, "--patience", patienceSeconds, 5, 3600);
    if (!mistakes.isEmpty()) {
      throw new RunException(String.join(System.lineSeparator(), mistakes));
    }
  }

  private static void range(List<String> mistakes, String name, int value, int low, int high) {
    if (value < low || value > high) {
      mistakes.add("%s %d is outside [%d, %d].".formatted(name, value, low, high));
    }
  }

  private static void requireEmpty(Path directory) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> entries = Files.list(directory)) {
      if (entries.findAny().isPresent()) {
        throw new RunException(
            "%s is not empty; chaos wants a directory of its own: choose another with --directory."
                .formatted(directory));
      }
    } catch (IOException e) {
      throw new RunException("%s cannot be read: %s.".formatted(directory, e), e);
    }
  }

  /** This very program, with the same flags, on the same recipe in another directory. */
  private List<String> command(Path run, String heap) {
    var words = new ArrayList<String>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    if (!heap.isEmpty()) {
      words.add("-Xmx" + heap);
    }
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    words.add("run");
    words.addAll(recipe.argumentsIn(run));
    words.add("--json");
    return words;
  }

  private static int conclude(ChaosReport report, PrintWriter out) {
    report
        .unreached()
        .forEach(point -> out.println("The run had ended before the fault " + point + "."));
    double slowest =
        report.episodes().stream()
            .mapToDouble(ChaosReport.Line::firstStepSeconds)
            .filter(seconds -> !Double.isNaN(seconds))
            .max()
            .orElse(Double.NaN);
    if (report.isSurvived()) {
      out.printf(
          "The run survived: %d processes, weights, steps and evaluations the same to the bit.%n"
              + "From a start to its first trained step: %.1f s at most.%n",
          report.episodes().size(), slowest);
      return 0;
    }
    report.failures().forEach(failure -> out.println("NOT SURVIVED: " + failure));
    return 1;
  }
}
