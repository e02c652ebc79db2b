package dev.troupe.actors.cli;

import dev.troupe.actors.chaos.Chaos;
import dev.troupe.actors.chaos.ChaosReport;
import dev.troupe.actors.chaos.Fault;
import dev.troupe.actors.protocol.RunException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
      "Runs a recipe in processes that are killed, frozen, parted, starved and damaged at",
      "seeded moments, and compares what is left with an undisturbed run: weights, records of",
      "all steps, completions and evaluations must be the same to the bit.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe chaos my.conf --faults 20 --seed 7 --directory runs/chaos",
      "  troupe chaos my.conf --events kill,stop --faults 5 stages.grpo.steps=20",
      "  troupe chaos my.conf --generators 2 --events kill,partition --directory runs/chaos",
      "  troupe chaos my.conf --kills 200 --directory runs/chaos"
    })
final class ChaosCommand implements Callable<Integer> {
  private static final Duration FREEZE = Duration.ofSeconds(3);
  private static final int MOST = 10_000;
  private static final int MOST_GENERATORS = 16;
  private static final int KILLS_OF_A_RUN = 10;

  @Spec private CommandSpec spec;

  @Mixin private RecipeChoice recipe;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description =
          "Chooses the moments of the first disturbed run; the next has S + 1 (default:"
              + " ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--faults",
      paramLabel = "N",
      description = "How many faults happen in each run, 1 to 10000 (default: 10).")
  private Integer faults;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "How many disturbed runs, 1 to 10000 (default: 1).")
  private Integer runs;

  @Option(
      names = "--kills",
      paramLabel = "N",
      description = "So many kills and nothing else, ten a run, in place of the other three.")
  private Integer kills;

  @Option(
      names = "--events",
      paramLabel = "KIND",
      split = ",",
      converter = FaultName.class,
      description =
          "Kinds of faults, in turn: kill, term, stop, clock-jump, corrupt, tear, disk-full, oom,"
              + " and with --generators partition (default: all of them).")
  private List<Fault> events;

  @Option(
      names = "--generators",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "The disturbed run is a cluster on this machine: a node that supervises and learns, one"
              + " that scores, and N that generate, 1 to 16 (default: one process for all).")
  private int generators;

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
    settle();
    Path directory = recipe.load().directory();
    requireEmpty(directory);
    PrintWriter out = spec.commandLine().getOut();
    var processes =
        new ChaosProcesses(recipe, directory, generators, events.contains(Fault.CLOCK_JUMP));
    var setting =
        new Chaos.Setting(
            processes,
            processes.members(),
            directory,
            seed,
            runs,
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

  /** Fills in what was not said, and refuses what does not go together. */
  private void settle() {
    var mistakes = new ArrayList<String>();
    if (kills != null) {
      range(mistakes, "--kills", kills, 1, MOST);
      if (faults != null || runs != null || events != null) {
        mistakes.add("--kills stands for --events kill, --faults and --runs; give it alone.");
      }
      events = List.of(Fault.KILL);
      faults = Math.min(kills, KILLS_OF_A_RUN);
      runs = (Math.max(kills, 1) + KILLS_OF_A_RUN - 1) / KILLS_OF_A_RUN;
    }
    faults = faults == null ? KILLS_OF_A_RUN : faults;
    runs = runs == null ? 1 : runs;
    range(mistakes, "--faults", faults, 1, MOST);
    range(mistakes, "--runs", runs, 1, MOST);
    range(mistakes, "--generators", generators, 0, MOST_GENERATORS);
    range(mistakes, "--longest-delay", longestDelayMillis, 0, 60_000);
    range(mistakes, "--patience", patienceSeconds, 5, 3600);
    boolean isCluster = generators > 0;
    if (events == null) {
      events =
          Arrays.stream(Fault.values())
              .filter(fault -> isCluster || fault != Fault.PARTITION)
              .toList();
    } else if (events.contains(Fault.PARTITION) && !isCluster) {
      mistakes.add(
          "--events partition parts processes from each other; a run in one process has none: add --generators 2.");
    }
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

  private static int conclude(ChaosReport report, PrintWriter out) {
    report
        .unreached()
        .forEach(point -> out.println("The run had ended before the fault " + point + "."));
    out.println();
    out.println(report.table());
    if (report.isSurvived()) {
      double slowest =
          report.episodes().stream()
              .mapToDouble(ChaosReport.Line::firstStepSeconds)
              .filter(seconds -> !Double.isNaN(seconds))
              .max()
              .orElse(Double.NaN);
      out.printf(
          "The run survived: %d processes; weights, steps, completions and evaluations the same to"
              + " the bit.%nFrom a start to its first trained step: %.1f s at most.%n",
          report.episodes().size(), slowest);
      return 0;
    }
    report.failures().forEach(failure -> out.println("NOT SURVIVED: " + failure));
    return 1;
  }
}
