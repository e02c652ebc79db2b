package dev.troupe.benchmarks;

import dev.troupe.runtime.model.Accelerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Speed of the data plane, as ratios to the least that this machine needs for the same bytes. */
@Command(
    name = "transport",
    mixinStandardHelpOptions = true,
    description = {
      "Moves weights between real processes and compares with plain copies and sockets, and with",
      "plain Aeron streams, which check nothing.",
      "All figures are medians over interleaved rounds of one run: compare ratios, not absolutes."
    })
final class TransportCommand implements Callable<Integer> {
  private static final double IPC_GOAL = 0.6;
  private static final double UDP_GOAL = 0.8;
  private static final double CAST_GOAL = 1.5;
  private static final double[] LEARNING_RATES = {1e-6, 1e-5, 1e-4};

  @Option(
      names = "--mebibytes",
      defaultValue = "256",
      description = "Size of a transfer in MiB (default: 256).")
  private int mebibytes;

  @Option(
      names = "--rounds",
      defaultValue = "7",
      description = "Rounds after the warm-up (default: 7).")
  private int rounds;

  @Option(names = "--json", description = "Print one JSON object instead of text.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress = spec.commandLine().getErr();
    Map<String, Double> figures = new LinkedHashMap<>();
    try (var bench = new TransportBench(mebibytes << 20)) {
      bench.run(
          rounds,
          line -> {
            progress.println(line);
            progress.flush();
          });
      for (String name :
          List.of(
              TransportBench.COPY,
              TransportBench.IPC,
              TransportBench.SOCKET,
              TransportBench.UDP,
              TransportBench.BARE_IPC,
              TransportBench.BARE_UDP,
              "CRC32C")) {
        figures.put(name + " MB/s", bench.median(name));
      }
      for (boolean isLocal : new boolean[] {true, false}) {
        for (int receivers : new int[] {1, 3}) {
          String name = TransportBench.castName(isLocal, receivers);
          figures.put(name + " MB/s each", bench.median(name));
          figures.put(name + " sender CPU ms", bench.median(name + " cpu"));
        }
      }
      for (int receivers : new int[] {1, 3}) {
        String name = TransportBench.BARE_UDP + " to " + receivers;
        figures.put(name + " sender CPU ms", bench.median(name + " cpu"));
      }
    }
    try (Accelerator accelerator = Accelerator.of("cpu", 2)) {
      for (double rate : LEARNING_RATES) {
        figures.put("delta share at learning rate " + rate, FineTuning.share(accelerator, rate));
      }
    }
    List<Goal> goals = goals(figures);
    var report =
        new GoalReport(
            "Troupe transport: %d MiB between processes, %d interleaved rounds, medians"
                .formatted(mebibytes, rounds),
            Map.of("mebibytes", mebibytes, "rounds", rounds),
            figures,
            goals);
    out.print(json ? report.json() : report.text());
    out.flush();
    return 0;
  }

  private static List<Goal> goals(Map<String, Double> figures) {
    var goals = new ArrayList<Goal>();
    goals.add(
        Goal.atLeast(
            "IPC over a shared-memory copy",
            ratio(figures, TransportBench.IPC + " MB/s", TransportBench.COPY + " MB/s"),
            IPC_GOAL));
    goals.add(
        Goal.atLeast(
            "UDP over a plain socket",
            ratio(figures, TransportBench.UDP + " MB/s", TransportBench.SOCKET + " MB/s"),
            UDP_GOAL));
    for (boolean isLocal : new boolean[] {true, false}) {
      goals.add(
          Goal.atMost(
              "sender's CPU, cast %s to 3 over to 1".formatted(isLocal ? "IPC" : "UDP"),
              ratio(
                  figures,
                  TransportBench.castName(isLocal, 3) + " sender CPU ms",
                  TransportBench.castName(isLocal, 1) + " sender CPU ms"),
              CAST_GOAL));
    }
    return goals;
  }

  private static double ratio(Map<String, Double> figures, String name, String over) {
    return figures.get(name) / figures.get(over);
  }
}
