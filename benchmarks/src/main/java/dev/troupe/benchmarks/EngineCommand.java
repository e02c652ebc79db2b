package dev.troupe.benchmarks;

import ai.djl.Device;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.program.TensorProgram;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
    var measures = new ArrayList<Measure>();
    var open = new ArrayList<AutoCloseable>();
    try (Accelerator accelerator = Accelerator.of("cpu", threads);
        TensorProgram parts = parts();
        var limits = new MachineLimits(parts, accelerator.manager())) {
      measures.addAll(limits.measures());
      for (Workload workload : workloads) {
        var decoding = new Decoding(workload, accelerator, parts);
        var training = new Training(workload, accelerator, parts);
        open.add(decoding);
        open.add(training);
        measures.addAll(decoding.measures());
        measures.addAll(training.measures());
      }
      if (only != null) {
        measures.removeIf(measure -> !measure.name().matches(only));
      }
      var results =
          new Rounds(
              measures,
              count,
              cpuTime
                  ? ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime
                  : System::nanoTime,
              line -> {
                progress.println(line);
                progress.flush();
              });
      if (only != null) {
        for (Measure m : measures) {
          out.printf("%-28s %,12.1f%n", m.name(), results.median(m.name()));
        }
      } else {
        var report = new EngineReport(workloads, results, count, threads, quick);
        out.print(json ? report.json() : report.text());
      }
      out.flush();
      for (AutoCloseable resource : open) {
        resource.close();
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    return 0;
  }

  private static TensorProgram parts() {
    return TensorProgram.load(
        Device.cpu(), List.of("decoder.py", "generate.py", "/dev/troupe/benchmarks/limits.py"));
  }
}
