package dev.troupe.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.model.Accelerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
      "Moves weights between real processes and compares with plain copies and sockets.",
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

  /**
   * A ratio that was wanted.
   *
   * @param isAtMost whether smaller is better
   */
  record Goal(String name, double ratio, double wanted, boolean isAtMost) {
    boolean met() {
      return isAtMost ? ratio <= wanted : ratio >= wanted;
    }
  }

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
    }
    try (Accelerator accelerator = Accelerator.of("cpu", 2)) {
      for (double rate : LEARNING_RATES) {
        figures.put("delta share at learning rate " + rate, FineTuning.share(accelerator, rate));
      }
    }
    List<Goal> goals = goals(figures);
    out.print(json ? json(figures, goals) : text(figures, goals));
    out.flush();
    return 0;
  }

  private static List<Goal> goals(Map<String, Double> figures) {
    var goals = new ArrayList<Goal>();
    goals.add(
        new Goal(
            "IPC over a shared-memory copy",
            ratio(figures, TransportBench.IPC + " MB/s", TransportBench.COPY + " MB/s"),
            IPC_GOAL,
            false));
    goals.add(
        new Goal(
            "UDP over a plain socket",
            ratio(figures, TransportBench.UDP + " MB/s", TransportBench.SOCKET + " MB/s"),
            UDP_GOAL,
            false));
    for (boolean isLocal : new boolean[] {true, false}) {
      goals.add(
          new Goal(
              "sender's CPU, cast %s to 3 over to 1".formatted(isLocal ? "IPC" : "UDP"),
              ratio(
                  figures,
                  TransportBench.castName(isLocal, 3) + " sender CPU ms",
                  TransportBench.castName(isLocal, 1) + " sender CPU ms"),
              CAST_GOAL,
              true));
    }
    return goals;
  }

  private static double ratio(Map<String, Double> figures, String name, String over) {
    return figures.get(name) / figures.get(over);
  }

  private String text(Map<String, Double> figures, List<Goal> goals) {
    var text = new StringBuilder();
    text.append(
        "Troupe transport: %d MiB between processes, %d interleaved rounds, medians%n%n"
            .formatted(mebibytes, rounds));
    figures.forEach(
        (name, value) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    value < 10 ? "  %-40s %10.3f%n" : "  %-40s %,10.0f%n",
                    name,
                    value)));
    text.append("\nGoals\n");
    for (Goal goal : goals) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-44s %5.2f  wanted %s %.1f  %s%n",
              goal.name(),
              goal.ratio(),
              goal.isAtMost() ? "at most" : "at least",
              goal.wanted(),
              goal.met() ? "met" : "NOT MET"));
    }
    return text.toString();
  }

  private String json(Map<String, Double> figures, List<Goal> goals) {
    var root = new LinkedHashMap<String, Object>();
    root.put("mebibytes", mebibytes);
    root.put("rounds", rounds);
    root.put("figures", figures);
    root.put("goals", goals);
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the report does not become JSON", e);
    }
  }
}
