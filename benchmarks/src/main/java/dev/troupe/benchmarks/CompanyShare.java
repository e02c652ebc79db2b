package dev.troupe.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.run.EmbeddedRun;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.RunSettings;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the actors of a run in this process cost beside the tensor work, over the steps of one
 * stage. The threads that carry the supervisor's messages carry those of all other actors too, so
 * their CPU time bounds the supervisor's from above.
 */
final class CompanyShare {
  private static final String DISPATCHER = "troupe-akka.actor.default-dispatcher";
  private static final Duration GLANCE = Duration.ofMillis(100);

  /** Steps at the beginning of a stage that warm up. */
  private static final int SKIPPED = 2;

  private final String stage;
  private Snapshot begin;
  private Snapshot end;
  private double steps;
  private double overhead;

  private CompanyShare(String stage) {
    this.stage = stage;
  }

  /** CPU nanoseconds of the dispatcher's threads and of the whole process, and the time. */
  private record Snapshot(Map<Long, Long> dispatcher, long process, long wall) {
    static Snapshot now() {
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      var dispatcher = new HashMap<Long, Long>();
      for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
        if (thread != null && thread.getThreadName().startsWith(DISPATCHER)) {
          dispatcher.put(thread.getThreadId(), threads.getThreadCpuTime(thread.getThreadId()));
        }
      }
      var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      return new Snapshot(dispatcher, system.getProcessCpuTime(), System.nanoTime());
    }
  }

  /**
   * Runs a recipe to its end.
   *
   * @param actorsOfWall CPU time of all actors as a share of the time of the steps
   * @param actorsOfCpu the same as a share of the CPU time of the process
   * @param overhead the share of a step's time in which the device did nothing
   */
  record Result(double actorsOfWall, double actorsOfCpu, double overhead) {}

  static Result of(RunSettings settings, String stage) throws InterruptedException {
    var share = new CompanyShare(stage);
    try (EmbeddedRun run =
        EmbeddedRun.start(settings, EmbeddedRun.Options.usual("bench"), share::on)) {
      Optional<RunOutcome> outcome = Optional.empty();
      while (outcome.isEmpty()) {
        outcome = run.await(GLANCE);
      }
      if (outcome.get() instanceof RunOutcome.Stopped stopped) {
        throw new IllegalStateException(stopped.cause());
      }
    }
    return share.result();
  }

  private void on(RunEvent event) {
    if (event instanceof RunEvent.StepFinished finished
        && finished.metrics().stage().equals(stage)) {
      StepMetrics metrics = finished.metrics();
      if (metrics.step() == SKIPPED) {
        begin = Snapshot.now();
      } else if (metrics.step() > SKIPPED) {
        steps += metrics.values().get("time/step-seconds");
        overhead += metrics.values().get("time/overhead-seconds");
        end = Snapshot.now();
      }
    }
  }

  private Result result() {
    double dispatcher = 0;
    for (Map.Entry<Long, Long> thread : end.dispatcher().entrySet()) {
      dispatcher += thread.getValue() - begin.dispatcher().getOrDefault(thread.getKey(), 0L);
    }
    return new Result(
        dispatcher / (end.wall() - begin.wall()),
        dispatcher / (end.process() - begin.process()),
        overhead / steps);
  }
}
