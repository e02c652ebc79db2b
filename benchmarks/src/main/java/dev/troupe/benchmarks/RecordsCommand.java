package dev.troupe.benchmarks;

import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutLog;
import dev.troupe.runtime.rollout.RolloutRow;
import dev.troupe.runtime.rollout.RolloutRow.Component;
import dev.troupe.runtime.rollout.RolloutRow.Purpose;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What writing rollouts costs and how soon a step is found again. */
@Command(
    name = "records",
    mixinStandardHelpOptions = true,
    description = {
      "Measures writing invented rollouts to Parquet and finding a step again, as explain does.",
      "With --keep DIR they stay, to be looked at with ./troupe explain DIR STEP."
    })
final class RecordsCommand implements Callable<Integer> {
  private static final double SECOND = 1e9;
  private static final int GROUP = 8;
  private static final int VOCABULARY = 8192;
  private static final int LOOKS = 5;

  @Option(names = "--tokens", defaultValue = "1000000", description = "Tokens (default: 1000000).")
  private int tokens;

  @Option(names = "--steps", defaultValue = "40", description = "Steps (default: 40).")
  private int steps;

  @Option(names = "--length", defaultValue = "100", description = "Tokens of one (default: 100).")
  private int length;

  @Option(names = "--keep", paramLabel = "DIR", description = "Leaves the files there.")
  private Path keep;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Path run = keep == null ? Files.createTempDirectory("troupe-bench-records") : keep;
    Files.createDirectories(run);
    Files.writeString(run.resolve("run.conf"), "# an invented run\n");
    try {
      write(out, run);
      look(out, run);
    } finally {
      if (keep == null) {
        remove(run);
      }
    }
    return 0;
  }

  private void write(PrintWriter out, Path run) throws IOException {
    int rollouts = Math.max(1, tokens / length / steps);
    var random = new SplittableRandom(1);
    var made = new ArrayList<List<RolloutRow>>();
    for (int step = 1; step <= steps; step++) {
      made.add(step(step, rollouts, random));
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long waited = 0;
    long begin = System.nanoTime();
    long cpu = threads.getCurrentThreadCpuTime();
    try (RolloutLog log = new RolloutLog(run, 0, Map.of("run", "bench"))) {
      for (int step = 1; step <= steps; step++) {
        List<RolloutRow> rows = made.get(step - 1);
        long asked = System.nanoTime();
        log.add("grpo", step, (long) rollouts * length, () -> rows);
        waited += System.nanoTime() - asked;
      }
      log.flush();
    }
    long own = threads.getCurrentThreadCpuTime() - cpu;
    double seconds = (System.nanoTime() - begin) / SECOND;
    long written = (long) rollouts * length * steps;
    out.printf(
        "%,d tokens of %,d rollouts in %d steps: written in %.2f s (%,.0f tokens/s), %,.1f MiB%n",
        written,
        (long) rollouts * steps,
        steps,
        seconds,
        written / seconds,
        bytes(run) / 1048576.0);
    out.printf(
        "the learner waited %.1f ms in all and worked %.1f ms, DuckDB's start included%n",
        waited / 1e6, own / 1e6);
  }

  private List<RolloutRow> step(int step, int rollouts, SplittableRandom random) {
    var rows = new ArrayList<RolloutRow>();
    for (int i = 0; i < rollouts; i++) {
      rows.add(row(step, i, random));
    }
    return rows;
  }

  private RolloutRow row(int step, int i, SplittableRandom random) {
    int[] sampled = random.ints(length, 0, VOCABULARY).toArray();
    int[] prompt = random.ints(20, 0, VOCABULARY).toArray();
    int[] ends = new int[length];
    for (int t = 0; t < length; t++) {
      ends[t] = 4 * (t + 1);
    }
    boolean[] mask = new boolean[length];
    Arrays.fill(mask, true);
    double reward = random.nextInt(2);
    return new RolloutRow(
        new RolloutRow.Place(
            "grpo", Purpose.TRAINING, step, "grpo/" + ((long) step * 1000 + i / GROUP), i % GROUP),
        new RolloutRow.Prompt(
            "example " + i / GROUP, "word ".repeat(20), prompt, "answer", "0".repeat(64)),
        new RolloutRow.Sampled(
            sampled,
            "word".repeat(length),
            ends,
            "stop-token",
            logps(random),
            "generator-1",
            "unit",
            7,
            i),
        new RolloutRow.Judged(
            reward, null, List.of(new Component("exact-match", reward, 1, "ExactMatch@0")), null),
        new RolloutRow.Credit(
            1, reward, logps(random), logps(random), logps(random), logps(random), mask, null),
        new RolloutRow.Models("1".repeat(64), 0, step, "2".repeat(64), null, null, null));
  }

  private float[] logps(SplittableRandom random) {
    float[] values = new float[length];
    for (int t = 0; t < length; t++) {
      values[t] = (float) -random.nextDouble();
    }
    return values;
  }

  /** Looks for the last step as explain does, the start of DuckDB told apart. */
  private void look(PrintWriter out, Path run) {
    for (int i = 0; i < LOOKS; i++) {
      long begin = System.nanoTime();
      try (RolloutArchive archive = RolloutArchive.open(run)) {
        double opened = (System.nanoTime() - begin) / 1e6;
        RolloutArchive.Size size = archive.size("grpo", steps);
        int rows = archive.rows("grpo", steps, Optional.empty(), Integer.MAX_VALUE).size();
        double whole = (System.nanoTime() - begin) / 1e6;
        int ticket =
            archive
                .rows("grpo", steps, Optional.of("grpo/" + (long) steps * 1000), Integer.MAX_VALUE)
                .size();
        double both = (System.nanoTime() - begin) / 1e6;
        out.printf(
            "found again: opened after %.0f ms, all %,d of %,d rollouts of a step after %.0f ms,"
                + " the %d of a ticket after %.0f ms%n",
            opened, rows, size.rollouts(), whole, ticket, both);
      }
    }
    out.flush();
  }

  private static long bytes(Path run) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(run.resolve("rollouts"))) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  private static void remove(Path run) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
