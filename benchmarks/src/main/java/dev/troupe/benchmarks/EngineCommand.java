package dev.troupe.benchmarks;

import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.program.TensorProgram;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Decoding and training speed, as ratios to the machine's limits and to plain DJL. */
@Command(
    name = "engine",
    mixinStandardHelpOptions = true,
    description = {
      "Measures decoding and training against plain DJL and against the machine's own limits.",
      "All figures are medians over interleaved rounds of one run: compare ratios, not absolutes."
    })
final class EngineCommand implements Callable<Integer> {
  @Option(names = "--rounds", description = "Rounds after the warm-up (default: 5, quick: 3).")
  private Integer rounds;

  @Option(
      names = "--config",
      description = "Decoders to measure: ${COMPLETION-CANDIDATES} (default: both).")
  private Size size;

  @Option(names = "--threads", defaultValue = "2", description = "Threads (default: 2).")
  private int threads;

  @Option(
      names = "--quick",
      description = "Decode 32 tokens a row in 3 rounds: a smoke test, not a figure to quote.")
  private boolean quick;

  @Option(names = "--json", description = "Print one JSON object instead of text.")
  private boolean json;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "Only measures of which the whole name matches, as raw rates; for profiling.")
  private String only;

  @Option(
      names = "--cpu-time",
      description = {
        "Rates by the processor time of the calling thread, not by the clock on the wall: for a",
        "machine that others use. Implies --threads 1, since other threads' work is not counted."
      })
  private boolean cpuTime;

  @Spec private CommandSpec spec;

  /** A decoder size. */
  enum Size {
    S,
    M
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    if (cpuTime) {
      threads = 1;
    }
    List<Workload> workloads = new ArrayList<>();
    if (size != Size.M) {
      workloads.add(Workload.small(quick));
    }
    if (size != Size.S) {
      workloads.add(Workload.medium(quick));
    }
    int count = rounds != null ? rounds : quick ? 3 : 5;
    try (Accelerator accelerator = Accelerator.of("cpu", threads);
        TensorProgram parts = EngineBench.parts();
        var bench = new EngineBench(workloads, accelerator, parts, MachineLimits.SIDE)) {
      List<Measure> measures = new ArrayList<>(bench.measures());
      if (only != null) {
        measures.removeIf(measure -> !measure.name().matches(only));
      }
      LongSupplier clock =
          cpuTime ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime : System::nanoTime;
      var results =
          new Rounds(
              measures,
              count,
              clock,
              line -> {
                progress.println(line);
                progress.flush();
              });
      if (only != null) {
        measures.forEach(m -> out.printf("%-28s %,12.1f%n", m.name(), results.median(m.name())));
      } else {
        var report = new EngineReport(workloads, results, setting(count));
        out.print(json ? report.json() : report.text());
      }
      out.flush();
    }
    return 0;
  }

  private String setting(int count) {
    return "%d %s, %d interleaved rounds, medians by %s%s"
        .formatted(
            threads,
            threads == 1 ? "thread" : "threads",
            count,
            cpuTime ? "processor time" : "wall clock",
            quick ? ", quick: not a figure to quote" : "");
  }
}
