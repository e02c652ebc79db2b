package dev.troupe.actors.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The process that leads a run, followed by the events that it writes. Faults strike when their
 * step is done; a process that says nothing for too long is killed, and that is told.
 */
final class RunProcess {
  /** How the note on a silent process begins. */
  static final String SILENT = "it said nothing ";

  private static final int LONGEST_COMPLAINT = 160;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Signals signals;
  private final Whereabouts whereabouts;
  private final Surroundings around;
  private final long begin = System.nanoTime();
  private final Queue<Future<?>> pending = new ConcurrentLinkedQueue<>();
  private final Queue<FaultPoint> arranged = new ConcurrentLinkedQueue<>();
  private int done;
  private boolean isFinished;
  private double firstStepSeconds = Double.NaN;
  private volatile Optional<FaultPoint> met = Optional.empty();
  private volatile boolean isSilent;
  private volatile String complaint = "";

  /**
   * What a process is followed with.
   *
   * @param strikes the faults to come
   * @param ensemble the other processes
   * @param timer for what happens later
   */
  record Surroundings(
      Chaos.Setting setting,
      Progress progress,
      Strikes strikes,
      Ensemble ensemble,
      ScheduledExecutorService timer) {
    String lead() {
      return setting.members().get(0);
    }
  }

  /**
   * Starts the process and follows it to its end.
   *
   * @param heap the Java heap; empty for the usual one
   */
  static Episode follow(Path run, String heap, Surroundings around)
      throws IOException, InterruptedException {
    Switches switches = around.setting().switches(around.lead());
    switches.reset();
    Path log = run.resolveSibling(run.getFileName() + ".log");
    var start = new StartCommand.Start(run, around.lead(), heap, switches.directory());
    Process process =
        new ProcessBuilder(around.setting().start().of(start))
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    try {
      return new RunProcess(process, run, switches, around).follow();
    } finally {
      process.destroyForcibly();
    }
  }

  private RunProcess(Process process, Path run, Switches switches, Surroundings around) {
    this.process = process;
    this.around = around;
    this.whereabouts = new Whereabouts(run);
    this.signals =
        new Signals(process, switches, around.setting().patience(), text -> complaint = text);
  }

  private Episode follow() throws IOException, InterruptedException {
    Duration patience = around.setting().patience();
    ScheduledFuture<?> silence = watch();
    strikeDuringStart();
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
      // Whom they are about is not there any more: their time comes again.
      arranged.forEach(around.strikes().due()::addFirst);
    }
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      isSilent = true;
      signals.kill();
      process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
    String note =
        isSilent
            ? (SILENT + "for %d s after step %d").formatted(patience.toSeconds(), done)
            : complaint;
    return new Episode(
        met,
        process.exitValue(),
        isFinished && process.exitValue() == 0,
        seconds(), firstStepSeconds, note);
  }

  private void complain(String line) {
    if (complaint.length() < LONGEST_COMPLAINT) {
      complaint = (complaint + " " + line).strip();
    }
  }

  private ScheduledFuture<?> watch() {
    return around
        .timer()
        .schedule(
            () -> {
              isSilent = true;
              signals.kill();
            },
            around.setting().patience().toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  private void note(JsonNode event) {
    whereabouts.note(event);
    switch (event.path("event").asText()) {
      case "stage-started" ->
          done =
              around
                  .progress()
                  .done(event.get("stage").asText(), event.path("earlier-steps").asInt());
      case "step-finished" -> {
        done = around.progress().done(event.get("stage").asText(), event.get("step").asInt());
        around.strikes().trained();
        if (Double.isNaN(firstStepSeconds)) {
          firstStepSeconds = seconds();
        }
      }
      case "run-finished" -> isFinished = true;
      case "run-failed" -> complaint = event.path("sentence").asText();
      default -> {}
    }
  }

  /** A fault of that kind comes before the process has said anything. */
  private void strikeDuringStart() {
    FaultPoint next = around.strikes().due().peek();
    if (next != null && next.isDuringStart()) {
      arrange(around.strikes().due().remove());
    }
  }

  /** Lets the next fault happen if its moment has come; one that goes on may meet another one. */
  private void strike() {
    Deque<FaultPoint> due = around.strikes().due();
    boolean isDoomed =
        met.filter(it -> it.isAbout(around.lead()) && !it.fault().isSurvivable()).isPresent();
    if (isDoomed || due.isEmpty() || due.peek().step() > done || due.peek().isDuringStart()) {
      return;
    }
    arrange(due.remove());
  }

  private void arrange(FaultPoint point) {
    if (point.isAbout(around.lead())) {
      met = Optional.of(point);
    }
    arranged.add(point);
    later(() -> happen(point), point.delayMillis());
  }

  private void later(Runnable action, long millis) {
    pending.add(around.timer().schedule(action, millis, TimeUnit.MILLISECONDS));
  }

  private void happen(FaultPoint point) {
    arranged.remove(point);
    around.strikes().happen(point, whereabouts.text());
    around.ensemble().happen(point);
    if (point.isAbout(around.lead())) {
      signals.begin(point);
      later(() -> signals.end(point), Switches.span(point, around.setting().freeze()).toMillis());
    }
  }
}
