package dev.troupe.benchmarks;

import dev.troupe.runtime.settings.Recipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the protocol of the company costs. */
@Command(
    name = "protocol",
    mixinStandardHelpOptions = true,
    description = {
      "Ticket messages that the supervisor can bear, with everybody else answering at once, and",
      "what all actors together cost in the last stage of the quickstart."
    })
final class ProtocolCommand implements Callable<Integer> {
  private static final double MESSAGES_GOAL = 100_000;
  private static final double P99_GOAL = 5;
  private static final double SHARE_GOAL = 0.02;

  @Option(names = "--seconds", defaultValue = "10", description = "How long (default: 10).")
  private int seconds;

  @Option(
      names = "--generators",
      defaultValue = "64",
      description = "Generators that ask at the same time (default: 64).")
  private int generators;

  @Option(
      names = "--tickets",
      defaultValue = "1024",
      description = "Tickets of a step (default: 1024).")
  private int tickets;

  @Option(
      names = "--steps",
      defaultValue = "15",
      description = "Steps of the quickstart's last stage (default: 15).")
  private int steps;

  @Option(names = "--json", description = "Print one JSON object instead of text.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, Double> figures = new LinkedHashMap<>();
    ProtocolBench.Result protocol;
    try (var scratch = new Scratch();
        var bench = new ProtocolBench(generators, tickets, scratch.path())) {
      protocol = bench.measure(Duration.ofSeconds(seconds), Duration.ofSeconds(seconds));
    }
    figures.put("ticket messages a second, got and sent", protocol.messages());
    figures.put("ticket messages a second, got", protocol.received());
    figures.put("steps a second", protocol.steps());
    figures.put("answer after, median ms", protocol.p50());
    figures.put("answer after, p99 ms", protocol.p99());
    CompanyShare.Result company = company();
    figures.put("actors' CPU / time of a step", company.actorsOfWall());
    figures.put("actors' CPU / CPU of the process", company.actorsOfCpu());
    figures.put("time without tensor work / time of a step", company.overhead());
    var report =
        new GoalReport(
            "Troupe protocol: %d generators, %d tickets a step, %d s; quickstart, %d steps"
                .formatted(generators, tickets, seconds, steps),
            Map.of("generators", generators, "tickets", tickets, "seconds", seconds),
            figures,
            List.of(
                Goal.atLeast("ticket messages a second, got", protocol.received(), MESSAGES_GOAL),
                Goal.atMost("answer after, p99 ms", protocol.p99(), P99_GOAL),
                Goal.atMost("actors' CPU / time of a step", company.actorsOfWall(), SHARE_GOAL)));
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? report.json() : report.text());
    out.flush();
    return 0;
  }

  private CompanyShare.Result company() throws IOException, InterruptedException {
    try (var scratch = new Scratch()) {
      Path recipe = Scratch.recipes().resolve("quickstart.conf");
      return CompanyShare.of(
          Recipe.load(recipe, Scratch.shortened(scratch.path().resolve("run"), steps)), "grpo");
    }
  }
}
