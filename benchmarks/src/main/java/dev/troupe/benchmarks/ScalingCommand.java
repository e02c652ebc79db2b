package dev.troupe.benchmarks;

import dev.troupe.runtime.settings.Recipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What it costs that the work of one process is done by several. */
@Command(
    name = "scaling",
    mixinStandardHelpOptions = true,
    description = {
      "The last stage of the quickstart with one process that generates and with several, on the",
      "same cores, in turn: they can lose tokens a second, and gain none. And the time of a step",
      "in which a single process does no tensor work."
    })
final class ScalingCommand implements Callable<Integer> {
  private static final double TOKENS_GOAL = 0.9;
  private static final double ONE_GOAL = 0.02;
  private static final double MANY_GOAL = 0.05;
  private static final String STAGE = "grpo";

  @Option(
      names = "--generators",
      defaultValue = "4",
      description = "Processes that generate, against one (default: 4).")
  private int generators;

  @Option(names = "--steps", defaultValue = "40", description = "Steps of a run (default: 40).")
  private int steps;

  @Option(names = "--rounds", defaultValue = "3", description = "Runs of each kind (default: 3).")
  private int rounds;

  @Option(names = "--json", description = "Print one JSON object instead of text.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    int cores = Runtime.getRuntime().availableProcessors();
    var one = new ArrayList<ClusterBench.Result>();
    var many = new ArrayList<ClusterBench.Result>();
    CompanyShare.Result company;
    try (var scratch = new Scratch()) {
      Path recipe = Scratch.recipes().resolve("quickstart.conf");
      // As many units in a step as there are generators.
      String units = "stages.grpo.unit-prompts=" + Math.max(1, 32 / generators);
      List<String> overrides = Scratch.shortened(scratch.path().resolve("unused"), steps, units);
      var bench = new ClusterBench(recipe, overrides, STAGE, steps);
      for (int round = 0; round < rounds; round++) {
        Path place = scratch.path().resolve("round-" + round);
        one.add(bench.run(place.resolve("one"), 1, cores));
        many.add(bench.run(place.resolve("many"), generators, Math.max(1, cores / generators)));
        tell("round " + (round + 1) + " of " + rounds);
      }
      company =
          CompanyShare.of(
              Recipe.load(recipe, Scratch.shortened(scratch.path().resolve("alone"), steps, units)),
              STAGE);
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    double oneTokens = median(one, ClusterBench.Result::tokensPerSecond);
    double manyTokens = median(many, ClusterBench.Result::tokensPerSecond);
    double manyOverhead = median(many, ClusterBench.Result::overhead);
    figures.put("tokens/s, 1 process generates", oneTokens);
    figures.put("tokens/s, " + generators + " processes generate", manyTokens);
    figures.put("CPU without tensor work, 1", median(one, ClusterBench.Result::overhead));
    figures.put("CPU without tensor work, " + generators, manyOverhead);
    figures.put("CPU that compiles Java, 1", median(one, ClusterBench.Result::compiling));
    figures.put(
        "CPU that compiles Java, " + generators, median(many, ClusterBench.Result::compiling));
    figures.put("cores busy, 1", median(one, ClusterBench.Result::busy));
    figures.put("cores busy, " + generators, median(many, ClusterBench.Result::busy));
    figures.put("time without tensor work / step, 1", median(one, ClusterBench.Result::waiting));
    figures.put(
        "time without tensor work / step, " + generators,
        median(many, ClusterBench.Result::waiting));
    figures.put("time without tensor work / step, one process for all", company.overhead());
    many.get(many.size() - 1)
        .others()
        .forEach(
            (thread, share) -> figures.put("CPU, " + generators + ", of it " + thread, share));
    var report =
        new GoalReport(
            "Troupe scaling: %d cores, %d steps, %d rounds in turn, medians"
                .formatted(cores, steps, rounds),
            Map.of("generators", generators, "steps", steps, "rounds", rounds, "cores", cores),
            figures,
            List.of(
                Goal.atLeast(
                    "tokens/s of " + generators + " over those of 1",
                    manyTokens / oneTokens,
                    TOKENS_GOAL),
                Goal.atMost(
                    "time without tensor work, one process for all", company.overhead(), ONE_GOAL),
                Goal.atMost("CPU without tensor work, " + generators, manyOverhead, MANY_GOAL)));
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? report.json() : report.text());
    out.flush();
    return 0;
  }

  private void tell(String line) {
    PrintWriter progress = spec.commandLine().getErr();
    progress.println(line);
    progress.flush();
  }

  private static double median(
      List<ClusterBench.Result> results, ToDoubleFunction<ClusterBench.Result> figure) {
    var sorted = new ArrayList<>(results.stream().map(figure::applyAsDouble).toList());
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
