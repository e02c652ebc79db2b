package dev.troupe.actors.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A run in a process of its own, followed by the events that it writes. Faults strike when their
 * step is done; a process that says nothing for too long is killed, and that is told.
 */
final class RunProcess {
  /** How the note on a silent process begins. */
  static final String SILENT = "it said nothing ";

  private static final int LONGEST_COMPLAINT = 160;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Progress progress;
  private final Deque<FaultPoint> due;
  private final ScheduledExecutorService timer;
  private final Duration patience;
  private final Duration freeze;
  private final long begin = System.nanoTime();
  private final Queue<Future<?>> pending = new ConcurrentLinkedQueue<>();
  private int done;
  private double firstStepSeconds = Double.NaN;
  private Optional<FaultPoint> met = Optional.empty();
  private volatile boolean isSilent;
  private volatile String complaint = "";

  /**
   * @param due the faults to come, in order; those that strike are taken out
   * @param patience how long the process may say nothing
   * @param freeze how long {@link Fault#STOP} lasts
   */
  static Episode follow(
      List<String> command,
      Path log,
      Progress progress,
      Deque<FaultPoint> due,
      ScheduledExecutorService timer,
      Duration patience,
      Duration freeze)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    try {
      return new RunProcess(process, progress, due, timer, patience, freeze).follow();
    } finally {
      process.destroyForcibly();
    }
  }

  private RunProcess(
      Process process,
      Progress progress,
      Deque<FaultPoint> due,
      ScheduledExecutorService timer,
      Duration patience,
      Duration freeze) {
    this.process = process;
    this.progress = progress;
    this.due = due;
    this.timer = timer;
    this.patience = patience;
    this.freeze = freeze;
  }

  private Episode follow() throws IOException, InterruptedException {
    ScheduledFuture<?> silence = watch();
    try (BufferedReader events = process.inputReader(UTF_8)) {
      for (String line = events.readLine(); line != null; line = events.readLine()) {
        silence.cancel(false);
        silence = watch();
        if (line.startsWith("{")) {
          note(JSON.readTree(line));
        } else {
          complain(line); // A crash of the virtual machine, perhaps.
        }
        strike();
      }
    } finally {
      silence.cancel(false);
      pending.forEach(action -> action.cancel(false));
    }
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      isSilent = true;
      kill();
      process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
    String note =
        isSilent
            ? (SILENT + "for %d s after step %d").formatted(patience.toSeconds(), done)
            : complaint;
    return new Episode(met, process.exitValue(), seconds(), firstStepSeconds, note);
  }

  private void complain(String line) {
    if (complaint.length() < LONGEST_COMPLAINT) {
      complaint = (complaint + " " + line).strip();
    }
  }

  private ScheduledFuture<?> watch() {
    return timer.schedule(
        () -> {
          isSilent = true;
          kill();
        },
        patience.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void note(JsonNode event) {
    switch (event.path("event").asText()) {
      case "stage-started" -> {
        done = progress.done(event.get("stage").asText(), event.path("earlier-steps").asInt());
      }
      case "step-finished" -> {
        done = progress.done(event.get("stage").asText(), event.get("step").asInt());
        if (Double.isNaN(firstStepSeconds)) {
          firstStepSeconds = seconds();
        }
      }
      case "run-failed" -> complaint = event.path("sentence").asText();
      default -> {}
    }
  }

  /** Lets the next fault happen if its moment has come; a frozen process may meet another one. */
  private void strike() {
    boolean isDoomed = met.filter(point -> point.fault() != Fault.STOP).isPresent();
    if (isDoomed || due.isEmpty() || due.peek().step() > done) {
      return;
    }
    FaultPoint point = due.remove();
    met = Optional.of(point);
    later(() -> happen(point.fault()), point.delayMillis());
  }

  private void later(Runnable action, long millis) {
    pending.add(timer.schedule(action, millis, TimeUnit.MILLISECONDS));
  }

  private void happen(Fault fault) {
    switch (fault) {
      case TERM -> process.toHandle().destroy();
      case STOP -> {
        signal("-STOP");
        later(() -> signal("-CONT"), freeze.toMillis());
      }
      case DISK_FULL -> tell("prlimit", "--pid", Long.toString(process.pid()), "--fsize=1:1");
      default -> kill();
    }
  }

  /** By its handle: the process itself would close what is still to be read from it. */
  private void kill() {
    process.toHandle().destroyForcibly();
  }

  private void signal(String signal) {
    tell("kill", signal, Long.toString(process.pid()));
  }

  private void tell(String... command) {
    try {
      Process told = new ProcessBuilder(command).inheritIO().start();
      if (!told.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        told.destroyForcibly();
      }
    } catch (IOException e) {
      complaint = "the fault could not be brought about: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
