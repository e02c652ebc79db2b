package dev.troupe.actors.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The processes of a run beside the one that leads it. One that a fault ended is started again at
 * once; one that ends by itself is told of. Told by several threads.
 */
final class Ensemble implements AutoCloseable {
  /** Within this time a node that met a fault takes part again, or gives up looking for the run. */
  private static final Duration RECOVERY = Duration.ofMinutes(3);

  private final Chaos.Setting setting;
  private final Path run;
  private final ScheduledExecutorService timer;
  private final Strikes strikes;
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private final Set<String> struck = new HashSet<>();
  private final Map<String, Long> disturbed = new HashMap<>();
  private final List<String> surprises = new ArrayList<>();
  private boolean isLeadDoomed;
  private boolean isOver;

  Ensemble(Chaos.Setting setting, Path run, ScheduledExecutorService timer, Strikes strikes) {
    this.setting = setting;
    this.run = run;
    this.timer = timer;
    this.strikes = strikes;
  }

  /** Starts whoever is not there; the lead starts at the same time. */
  synchronized void assemble() throws IOException {
    isLeadDoomed = false;
    for (String member : setting.members().subList(1, setting.members().size())) {
      Process process = processes.get(member);
      if (process == null || !process.isAlive()) {
        start(member);
      }
    }
  }

  private synchronized void start(String member) throws IOException {
    Switches switches = setting.switches(member);
    switches.reset();
    var log = run.resolveSibling(member + ".out").toFile();
    Process process =
        new ProcessBuilder(
                setting.start().of(new StartCommand.Start(run, member, "", switches.directory())))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
    disturbed.put(member, System.nanoTime());
    if (processes.put(member, process) != null) {
      strikes.restarted();
    }
    var unused = process.onExit().thenAccept(ended -> ended(member, ended));
  }

  private synchronized void ended(String member, Process process) {
    if (isOver || processes.get(member) != process) {
      return;
    }
    boolean wasStruck = struck.remove(member);
    // A run that its lead ends in order is over for all.
    if (!wasStruck && !isLeadDoomed && process.exitValue() != 0) {
      surprises.add(
          "%s ended with exit code %d though nothing ended it; its log is beside the run directory"
              .formatted(member, process.exitValue()));
    }
    if (wasStruck) {
      try {
        start(member);
      } catch (IOException e) {
        surprises.add(member + " cannot be started again: " + e.getMessage());
      }
    }
  }

  /** Brings a fault over those that it is about. */
  synchronized void happen(FaultPoint point) {
    isLeadDoomed |= point.isAbout(setting.members().get(0));
    for (Map.Entry<String, Process> member : processes.entrySet()) {
      if (point.isAbout(member.getKey())) {
        var signals =
            new Signals(
                member.getValue(),
                setting.switches(member.getKey()),
                setting.patience(),
                surprises::add);
        if (!point.fault().isSurvivable()) {
          struck.add(member.getKey());
        }
        disturbed.put(member.getKey(), System.nanoTime());
        signals.begin(point);
        later(() -> signals.end(point), Switches.span(point, setting.freeze()));
      }
    }
  }

  private void later(Runnable action, Duration time) {
    var unused = timer.schedule(action, time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * The run is over: all must end by themselves, but for those that a fault has kept from hearing
   * it.
   *
   * @return what should not have happened
   */
  List<String> dismiss() throws InterruptedException {
    List<Map.Entry<String, Process>> all;
    synchronized (this) {
      all = processes.entrySet().stream().filter(it -> isUndisturbed(it.getKey())).toList();
    }
    for (Map.Entry<String, Process> member : all) {
      if (!member.getValue().waitFor(setting.patience().toMillis(), TimeUnit.MILLISECONDS)) {
        surprise(member.getKey() + " did not end though the run was over");
      } else if (member.getValue().exitValue() != 0) {
        surprise(
            "%s ended with exit code %d though the run ended well"
                .formatted(member.getKey(), member.getValue().exitValue()));
      }
    }
    return surprises();
  }

  private boolean isUndisturbed(String member) {
    return System.nanoTime() - disturbed.get(member) > RECOVERY.toNanos();
  }

  private synchronized void surprise(String sentence) {
    surprises.add(sentence);
  }

  /** What should not have happened until now. */
  synchronized List<String> surprises() {
    return List.copyOf(surprises);
  }

  @Override
  public synchronized void close() {
    isOver = true;
    processes.values().forEach(Process::destroyForcibly);
  }
}
