package dev.troupe.actors.chaos;

import dev.troupe.runtime.record.MetricsLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * Runs a recipe again and again in processes of their own: once undisturbed in one process, and
 * then meeting faults at seeded moments, started again after each with the same command. All must
 * leave the same.
 */
public final class Chaos {
  private final Setting setting;
  private final Consumer<String> told;

  /**
   * What is done.
   *
   * @param start makes the commands that start the processes of the run
   * @param members the processes of a disturbed run, who leads it first; one for a run that is not
   *     on a cluster
   * @param directory holds all runs and their logs; must not hold earlier ones
   * @param seed of the moments of the first disturbed run; the next one has the next seed
   * @param runs how many disturbed runs
   * @param count how many faults each
   * @param faults of which kinds, in turn
   * @param longestDelay of a fault after the step that it follows
   * @param patience how long a process may write no event before it counts as silent
   * @param freeze how long a frozen process stays so, about; and a node that is cut off
   */
  public record Setting(
      StartCommand start,
      List<String> members,
      Path directory,
      long seed,
      int runs,
      int count,
      List<Fault> faults,
      Duration longestDelay,
      Duration patience,
      Duration freeze) {
    /** Copies the lists. */
    public Setting {
      members = List.copyOf(members);
      faults = List.copyOf(faults);
    }

    Switches switches(String member) {
      return new Switches(directory.resolve("switches").resolve("of-" + member));
    }
  }

  private Chaos(Setting setting, Consumer<String> told) {
    this.setting = setting;
    this.told = told;
  }

  /**
   * Does it all; takes about as long as all the runs and a start for each fault.
   *
   * @param told what is going on, in sentences
   * @throws IOException if a process cannot be started or files cannot be written
   */
  public static ChaosReport perform(Setting setting, Consumer<String> told)
      throws IOException, InterruptedException {
    return new Chaos(setting, told).perform();
  }

  private ChaosReport perform() throws IOException, InterruptedException {
    Files.createDirectories(setting.directory());
    Path calm = setting.directory().resolve("undisturbed");
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              var thread = new Thread(task, "troupe-chaos");
              thread.setDaemon(true);
              return thread;
            });
    try {
      told.accept("The undisturbed run begins.");
      Optional<String> failure = calm(calm, timer);
      if (failure.isPresent()) {
        return new ChaosReport(
            List.of(),
            List.of(),
            List.of(),
            List.of("the undisturbed run failed: " + failure.get()));
      }
      var progress = new Progress(MetricsLog.read(calm.resolve("metrics.jsonl")));
      var report = new ChaosReport(List.of(), List.of(), List.of(), List.of());
      for (int i = 0; i < setting.runs(); i++) {
        long seed = setting.seed() + i;
        Path stormy =
            setting.directory().resolve(setting.runs() == 1 ? "disturbed" : "disturbed-" + seed);
        report = report.and(new Storm(seed, stormy, progress, timer).perform(calm));
        Files.writeString(setting.directory().resolve("chaos.md"), report.table());
      }
      return report;
    } finally {
      timer.shutdownNow();
    }
  }

  /** Runs it in one process; a sentence if that fails. */
  private Optional<String> calm(Path run, ScheduledExecutorService timer)
      throws IOException, InterruptedException {
    var alone =
        new Setting(
            setting.start(),
            List.of(StartCommand.ALONE),
            setting.directory(),
            setting.seed(),
            1,
            0,
            List.of(),
            setting.longestDelay(),
            setting.patience(),
            setting.freeze());
    var none = new Strikes(new ArrayDeque<>());
    try (var nobody = new Ensemble(alone, run, timer, none)) {
      var around = new RunProcess.Surroundings(alone, new Progress(List.of()), none, nobody, timer);
      Episode episode = RunProcess.follow(run, "", around);
      return episode.isFinished() ? Optional.empty() : Optional.of(episode.note());
    }
  }

  /** One disturbed run. */
  private final class Storm {
    private final long seed;
    private final Path run;
    private final Strikes strikes;
    private final Ensemble ensemble;
    private final RunProcess.Surroundings around;
    private final List<ChaosReport.Line> lines = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    Storm(long seed, Path run, Progress progress, ScheduledExecutorService timer) {
      this.seed = seed;
      this.run = run;
      this.strikes =
          new Strikes(
              new ArrayDeque<>(
                  FaultPlan.seeded(
                      seed,
                      setting.count(),
                      setting.faults(),
                      setting.members(),
                      progress.steps(),
                      Math.toIntExact(setting.longestDelay().toMillis()))));
      this.ensemble = new Ensemble(setting, run, timer, strikes);
      this.around = new RunProcess.Surroundings(setting, progress, strikes, ensemble, timer);
    }

    ChaosReport perform(Path calm) throws IOException, InterruptedException {
      told.accept("The run with seed %d begins.".formatted(seed));
      try (ensemble) {
        boolean isOver = false;
        while (!isOver && failures.isEmpty()) {
          if (!lines.isEmpty()) {
            strikes.restarted();
          }
          Episode episode = start("", around);
          record(episode, aftermath(episode));
          isOver = episode.isFinished();
        }
        failures.addAll(isOver ? ensemble.dismiss() : ensemble.surprises());
      }
      if (failures.isEmpty()) {
        failures.addAll(Comparison.differences(calm, run));
      }
      List<String> told =
          failures.stream().map(failure -> "seed %d: %s".formatted(seed, failure)).toList();
      return new ChaosReport(
          lines, strikes.hits(seed, failures.isEmpty()), List.copyOf(strikes.due()), told);
    }

    private Episode start(String heap, RunProcess.Surroundings surroundings)
        throws IOException, InterruptedException {
      ensemble.assemble();
      Episode episode = RunProcess.follow(run, heap, surroundings);
      if (episode.note().startsWith(RunProcess.SILENT)) {
        failures.add("process %d: %s".formatted(lines.size() + 1, episode.note()));
      }
      return episode;
    }

    /** What a fault does beside ending the process. */
    private String aftermath(Episode episode) throws IOException, InterruptedException {
      Optional<Fault> fault = episode.point().map(FaultPoint::fault);
      if (fault.isEmpty() || episode.isFinished()) {
        return episode.note();
      }
      var injury = new Injury(run, seed + lines.size());
      return switch (fault.get()) {
        case CORRUPT -> injury.corrupt();
        case TEAR -> injury.tear();
        case OOM -> starve();
        default -> episode.note();
      };
    }

    /** Starts the run with too small a heap: it must end by itself, and not with success. */
    private String starve() throws IOException, InterruptedException {
      var quiet =
          new RunProcess.Surroundings(
              setting,
              around.progress(),
              new Strikes(new ArrayDeque<>()),
              ensemble,
              around.timer());
      Episode starved = start(StartCommand.TINY_HEAP, quiet);
      if (starved.exitCode() == 0) {
        failures.add(
            "a run with a heap of " + StartCommand.TINY_HEAP + " ended as if all were well");
      }
      return "starved: exit code %d after %.1f s %s"
          .formatted(starved.exitCode(), starved.seconds(), starved.note());
    }

    private void record(Episode episode, String note) {
      String fault = episode.point().map(FaultPoint::toString).orElse("undisturbed");
      lines.add(
          new ChaosReport.Line(
              fault, episode.exitCode(), episode.seconds(), episode.firstStepSeconds(), note));
      told.accept(
          "%3d  %-34s exit %3d  after %5.1f s  %s"
              .formatted(lines.size(), fault, episode.exitCode(), episode.seconds(), note));
      if (!episode.isFinished() && !wasDoomed(episode)) {
        failures.add(
            "process %d ended with exit code %d though nothing ended it: %s"
                .formatted(lines.size(), episode.exitCode(), episode.note()));
      }
    }

    /** On a cluster a lead that was silent for long may have been given up by the others. */
    private boolean wasDoomed(Episode episode) {
      return episode
          .point()
          .filter(
              point ->
                  !point.fault().isSurvivable()
                      || setting.members().size() > 1 && point.fault() != Fault.CLOCK_JUMP)
          .isPresent();
    }
  }
}
