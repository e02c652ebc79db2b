package dev.troupe.benchmarks;

import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A run in processes of this machine: one for everything but generating, and some that generate.
 * Measures the last steps of one stage, when everything is compiled.
 */
final class ClusterBench {
  private static final long GLANCE_MILLIS = 100;
  private static final long PATIENCE_SECONDS = 600;

  /** Steps at the beginning of the stage that warm up. */
  private static final int SKIPPED = 10;

  private final Path recipe;
  private final List<String> overrides;
  private final String stage;
  private final int steps;

  /**
   * @param tokensPerSecond generated, over the whole time of the steps
   * @param overhead CPU time of threads without tensor work, as a share of that of all threads but
   *     compilers
   * @param compiling CPU time of compilers of Java, as a share of that of all threads
   * @param busy CPU time of all threads, as a share of what the cores could have given
   * @param waiting time of a step in which no process did tensor work, as a share of its time
   * @param others the threads without tensor work that took most, each with its share of the CPU
   *     time of all threads but compilers
   */
  record Result(
      double tokensPerSecond,
      double overhead,
      double compiling,
      double busy,
      double waiting,
      Map<String, Double> others) {}

  /**
   * @param stage its name, and how many steps it has by the overrides
   */
  ClusterBench(Path recipe, List<String> overrides, String stage, int steps) {
    this.steps = steps;
    this.recipe = recipe;
    this.overrides = overrides;
    this.stage = stage;
  }

  /**
   * Runs the recipe once.
   *
   * @param generators processes that generate
   * @param threads of each of them
   */
  Result run(Path directory, int generators, int threads) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    int port = freePort();
    var processes = new ArrayList<Process>();
    try {
      processes.add(
          start(directory, "head", "supervisor,learner,reward,reference", "--port", "" + port));
      for (int i = 1; i <= generators; i++) {
        processes.add(
            start(
                directory,
                "generator-" + i,
                "generator",
                "--seed-nodes",
                "127.0.0.1:" + port,
                "--threads",
                "" + threads));
      }
      return watch(directory, processes);
    } finally {
      processes.forEach(Process::destroyForcibly);
      for (Process process : processes) {
        process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    }
  }

  private Result watch(Path directory, List<Process> processes)
      throws IOException, InterruptedException {
    Process head = processes.get(0);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    ProcessTimes begin = null;
    ProcessTimes end = null;
    long beginAt = 0;
    long endAt = 0;
    while (!head.waitFor(GLANCE_MILLIS, TimeUnit.MILLISECONDS)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the run does not end; see " + directory);
      }
      int done = steps(directory).size();
      if (done >= SKIPPED) {
        ProcessTimes now = ProcessTimes.of(processes);
        if (begin == null) {
          begin = now;
          beginAt = System.nanoTime();
        } else if (done < steps) {
          // Threads that end take their time with them.
          end = now;
          endAt = System.nanoTime();
        }
      }
    }
    if (head.exitValue() != 0 || begin == null || end == null) {
      throw new IllegalStateException(
          "the run stopped: " + Files.readString(directory.resolve("head.out")));
    }
    double tokens = 0;
    double seconds = 0;
    double waiting = 0;
    List<StepMetrics> recorded = steps(directory);
    for (StepMetrics step : recorded.subList(SKIPPED, recorded.size())) {
      tokens += step.values().get("tokens/generated");
      seconds += step.values().get("time/step-seconds");
      waiting += step.values().get("time/overhead-seconds");
    }
    ProcessTimes spent = end.minus(begin);
    double available = (endAt - beginAt) / 1e9 * Runtime.getRuntime().availableProcessors();
    return new Result(
        tokens / seconds,
        spent.other() / (spent.tensor() + spent.other()),
        spent.compiling() / spent.all(),
        spent.all() / available,
        waiting / seconds,
        spent.largestOthers());
  }

  private List<StepMetrics> steps(Path directory) {
    Path metrics = directory.resolve("run").resolve("metrics.jsonl");
    return Files.exists(metrics)
        ? MetricsLog.read(metrics).stream().filter(it -> it.stage().equals(stage)).toList()
        : List.of();
  }

  private Process start(Path directory, String name, String roles, String... more)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // With the flags of this process, which the launcher chose.
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("dev.troupe.actors.cli.Main", "node", "--roles", roles));
    command.addAll(List.of("--secret", directory.resolveSibling("secret").toString()));
    command.addAll(List.of("--log", directory.resolve(name + ".log").toString()));
    command.addAll(List.of(more));
    command.add(recipe.toString());
    command.addAll(overrides);
    command.add("directory=\"" + directory.resolve("run") + "\"");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectInput(new File("/dev/null"))
        .redirectOutput(directory.resolve(name + ".out").toFile())
        .start();
  }

  private static int freePort() throws IOException {
    try (var socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
