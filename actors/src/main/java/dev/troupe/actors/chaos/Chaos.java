package dev.troupe.actors.chaos;

import dev.troupe.runtime.record.MetricsLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * Runs a recipe twice, each time in processes of its own: once undisturbed, and once meeting faults
 * at seeded moments, started again after each with the same command. Both must leave the same.
 */
public final class Chaos {
  private final Setting setting;
  private final Consumer<String> told;
  private final List<ChaosReport.Line> lines = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  /**
   * What is done.
   *
   * @param start makes the command that starts the run in a directory, writing events as JSON
   * @param directory holds both runs and their logs; must not hold an earlier one
   * @param seed of the moments
   * @param count how many faults
   * @param faults of which kinds, in turn
   * @param longestDelay of a fault after the step that it follows
   * @param patience how long a process may write no event before it counts as silent
   * @param freeze how long a frozen process stays so
   */
  public record Setting(
      StartCommand start,
      Path directory,
      long seed,
      int count,
      List<Fault> faults,
      Duration longestDelay,
      Duration patience,
      Duration freeze) {
    /** Copies the list. */
    public Setting {
      faults = List.copyOf(faults);
    }
  }

  private Chaos(Setting setting, Consumer<String> told) {
    this.setting = setting;
    this.told = told;
  }

  /**
   * Does it all; takes about as long as two runs and a start for each fault.
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
    Path stormy = setting.directory().resolve("disturbed");
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              var thread = new Thread(task, "troupe-chaos");
              thread.setDaemon(true);
              return thread;
            });
    try {
      told.accept("The undisturbed run begins.");
      Episode undisturbed = start(calm, "", new Progress(List.of()), new ArrayDeque<>(), timer);
      if (undisturbed.exitCode() != 0) {
        failures.add("the undisturbed run failed: " + undisturbed.note());
        return new ChaosReport(List.of(), List.of(), failures);
      }
      var progress = new Progress(MetricsLog.read(calm.resolve("metrics.jsonl")));
      Deque<FaultPoint> due =
          new ArrayDeque<>(
              FaultPlan.seeded(
                  setting.seed(),
                  setting.count(),
                  setting.faults(),
                  progress.steps(),
                  Math.toIntExact(setting.longestDelay().toMillis())));
      disturb(stormy, progress, due, timer);
      if (failures.isEmpty()) {
        failures.addAll(Comparison.differences(calm, stormy));
      }
      return new ChaosReport(lines, List.copyOf(due), failures);
    } finally {
      timer.shutdownNow();
    }
  }

  private void disturb(
      Path run, Progress progress, Deque<FaultPoint> due, ScheduledExecutorService timer)
      throws IOException, InterruptedException {
    boolean isOver = false;
    while (!isOver && failures.isEmpty()) {
      Episode episode = start(run, "", progress, due, timer);
      String note = aftermath(run, episode, progress, timer);
      record(episode, note);
      isOver = episode.exitCode() == 0;
    }
  }

  /** What a fault does beside ending the process. */
  private String aftermath(
      Path run, Episode episode, Progress progress, ScheduledExecutorService timer)
      throws IOException, InterruptedException {
    Optional<Fault> fault = episode.point().map(FaultPoint::fault);
    if (fault.isEmpty() || episode.exitCode() == 0) {
      return episode.note();
    }
    var injury = new Injury(run, setting.seed() + lines.size());
    return switch (fault.get()) {
      case CORRUPT -> injury.corrupt();
      case TEAR -> injury.tear();
      case OOM -> starve(run, progress, timer);
      default -> episode.note();
    };
  }

  /** Starts the run with too small a heap: it must end by itself, and not with success. */
  private String starve(Path run, Progress progress, ScheduledExecutorService timer)
      throws IOException, InterruptedException {
    Episode starved = start(run, StartCommand.TINY_HEAP, progress, new ArrayDeque<>(), timer);
    if (starved.exitCode() == 0) {
      failures.add("a run with a heap of " + StartCommand.TINY_HEAP + " ended as if all were well");
    }
    return "starved: exit code %d after %.1f s %s"
        .formatted(starved.exitCode(), starved.seconds(), starved.note());
  }

  private Episode start(
      Path run,
      String heap,
      Progress progress,
      Deque<FaultPoint> due,
      ScheduledExecutorService timer)
      throws IOException, InterruptedException {
    Path log = run.resolveSibling(run.getFileName() + ".log");
    Episode episode =
        RunProcess.follow(
            setting.start().of(run, heap),
            log,
            progress,
            due,
            timer,
            setting.patience(),
            setting.freeze());
    if (episode.note().startsWith(RunProcess.SILENT)) {
      failures.add("process %d: %s".formatted(lines.size() + 1, episode.note()));
    }
    return episode;
  }

  private void record(Episode episode, String note) {
    String fault = episode.point().map(FaultPoint::toString).orElse("undisturbed");
    lines.add(
        new ChaosReport.Line(
            fault, episode.exitCode(), episode.seconds(), episode.firstStepSeconds(), note));
    told.accept(
        "%3d  %-34s exit %3d  after %5.1f s  %s"
            .formatted(lines.size(), fault, episode.exitCode(), episode.seconds(), note));
    boolean wasDoomed = episode.point().filter(point -> point.fault() != Fault.STOP).isPresent();
    if (episode.exitCode() != 0 && !wasDoomed) {
      failures.add(
          "process %d ended with exit code %d though nothing ended it: %s"
              .formatted(lines.size(), episode.exitCode(), episode.note()));
    }
  }
}
