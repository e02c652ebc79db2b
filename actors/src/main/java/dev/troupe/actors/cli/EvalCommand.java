package dev.troupe.actors.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.run.ModelEvaluation;
import dev.troupe.actors.run.ModelEvaluation.Contrast;
import dev.troupe.actors.run.ModelEvaluation.Findings;
import dev.troupe.actors.run.ModelEvaluation.Results;
import dev.troupe.runtime.record.Measure;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.settings.EvaluationSettings;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.statistics.Interval;
import dev.troupe.runtime.statistics.PairedDifference;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code troupe eval}. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures a model on the held-out prompts of a recipe's task by the recipe's reward,",
      "alone or against another model on the same prompts.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe eval runs/quickstart",
      "  troupe eval runs/quickstart --stage grpo --against runs/quickstart:sft-a",
      "  troupe eval my-model --recipe my.conf --samples 16 --temperature 1 --k 1,4,16 --json"
    })
final class EvalCommand implements Callable<Integer> {
  @Mixin private CheckpointChoice checkpoint;

  @Option(
      names = "--against",
      paramLabel = "MODEL[:STAGE]",
      description = {
        "A model to compare with: what the measured one is better than, or a run with",
        "the stage whose newest checkpoint is meant."
      })
  private String against;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = "Whose task and reward count (default: that of the run of the model).")
  private Path recipe;

  @Option(
      names = "--set",
      paramLabel = "key=value",
      description = "A setting that goes before the recipe's; may be given several times.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--prompts",
      paramLabel = "N",
      description = "Held-out prompts (default: the recipe's evaluate.prompts).")
  private Integer prompts;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "Completions of each prompt (default: the recipe's evaluate.samples).")
  private Integer samples;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      description = "0 takes the likeliest token (default: the recipe's evaluate.temperature).")
  private Double temperature;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Longest completion (default: the recipe's evaluate.max-tokens).")
  private Integer maxTokens;

  @Option(
      names = "--k",
      split = ",",
      paramLabel = "K",
      description = "Also pass@k, or the best reward of k, for each of these k up to --samples.")
  private List<Integer> ks = new ArrayList<>();

  @Option(names = "--json", description = "Write one JSON object instead of a table.")
  private boolean isJson;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    Path model = checkpoint.directory();
    RunSettings settings = settings(model);
    var evaluation = new ModelEvaluation(settings, wanted(settings.evaluate()));
    var models = new ArrayList<Path>();
    if (against != null) {
      models.add(opponent());
    }
    models.add(model);
    Results results = evaluation.measure(models);
    PrintWriter out = spec.commandLine().getOut();
    if (isJson) {
      out.println(json(results));
    } else {
      table(results).forEach(out::println);
    }
    out.flush();
    return 0;
  }

  private RunSettings settings(Path model) {
    Path file =
        Optional.ofNullable(recipe)
            .or(() -> ModelDirectory.runOf(model).map(run -> run.resolve("run.conf")))
            .orElseThrow(
                () ->
                    new RunException(
                        model
                            + " is no checkpoint of a run; name the task and reward with --recipe FILE."));
    return Recipe.load(file, overrides);
  }

  private Path opponent() {
    int colon = against.lastIndexOf(':');
    return colon < 0
        ? ModelDirectory.find(Path.of(against))
        : ModelDirectory.find(
            Path.of(against.substring(0, colon)),
            Optional.of(against.substring(colon + 1)),
            Optional.empty());
  }

  private EvaluationSettings wanted(EvaluationSettings recipe) {
    int drawn = samples == null ? recipe.samples() : samples;
    double heat = temperature == null ? recipe.temperature() : temperature;
    int longest = maxTokens == null ? recipe.maxTokens() : maxTokens;
    int asked = prompts == null ? recipe.prompts() : prompts;
    var mistakes = new ArrayList<String>();
    if (asked < 1 || drawn < 1 || !(heat >= 0)) {
      mistakes.add("--prompts and --samples must be 1 or more and --temperature 0 or more");
    }
    if (longest < 1) {
      mistakes.add("the recipe has no evaluate.max-tokens; give --max-tokens");
    }
    if (drawn > 1 && heat == 0) {
      mistakes.add(
          "--samples %d at temperature 0 would be the same text each time; give --temperature"
              .formatted(drawn));
    }
    if (!ks.isEmpty() && (Collections.min(ks) < 1 || Collections.max(ks) > drawn)) {
      mistakes.add("--k %s must lie between 1 and --samples %d".formatted(ks, drawn));
    }
    if (!mistakes.isEmpty()) {
      throw new RunException(String.join("; ", mistakes) + ".");
    }
    List<Integer> bestOf =
        ks.isEmpty() ? recipe.bestOf() : ks.stream().distinct().sorted().toList();
    return new EvaluationSettings(
        List.of(),
        asked,
        drawn,
        bestOf.stream().filter(k -> k <= drawn).toList(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        recipe.filterBins(),
        Optional.empty(),
        heat,
        longest,
        recipe.stop());
  }

  private static List<String> table(Results results) {
    var lines = new ArrayList<String>();
    for (Findings found : results.findings()) {
      lines.add(found.model().toString());
      lines.add(row(found.headline().quantity().label(), found.headline()));
      found.best().forEach((k, measure) -> lines.add(row(best(measure.quantity(), k), measure)));
      found
          .others()
          .forEach(
              other ->
                  lines.add(
                      row(
                          other.task() + " " + other.measure().quantity().label(),
                          other.measure())));
      lines.add(
          "  %,d completions scored%s"
              .formatted(
                  found.trials(),
                  found.failures() == 0 ? "" : ", %,d not".formatted(found.failures())));
    }
    results.contrast().ifPresent(contrast -> lines.addAll(change(contrast)));
    return lines;
  }

  private static String row(String name, Measure measure) {
    return "  %-32s %8s  95%% interval %s, %,d prompts"
        .formatted(name, measure.valueText(), measure.intervalText(), measure.prompts());
  }

  private static String best(Quantity quantity, int k) {
    return quantity.isShare() ? "pass@" + k : "best of " + k + " " + quantity.label();
  }

  private static List<String> change(Contrast contrast) {
    Quantity quantity = contrast.change().quantity();
    PairedDifference difference = contrast.change().difference();
    var lines = new ArrayList<String>();
    lines.add(
        "Change on the same %,d prompts: %s, 95%% interval %s to %s (paired bootstrap)"
            .formatted(
                difference.pairs(),
                quantity.change(difference.mean()),
                quantity.signed(difference.interval95().low()),
                quantity.signed(difference.interval95().high())));
    contrast
        .verdicts()
        .ifPresent(
            test ->
                lines.add(
                    String.format(
                        Locale.ROOT,
                        "  %,d prompts became right and %,d wrong: p = %.3g (McNemar, exact)",
                        test.gained(),
                        test.lost(),
                        test.p())));
    return lines;
  }

  private static String json(Results results) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    ArrayNode models = root.putArray("models");
    for (Findings found : results.findings()) {
      ObjectNode model = models.addObject().put("model", found.model().toString());
      put(model.putObject(found.headline().quantity().key()), found.headline());
      found
          .best()
          .forEach(
              (k, measure) ->
                  put(
                      model.putObject(measure.quantity().isShare() ? "pass@" + k : "best-of-" + k),
                      measure));
      found
          .others()
          .forEach(
              other ->
                  put(
                      model.putObject(other.task() + " " + other.measure().quantity().key()),
                      other.measure()));
      model.put("completions", found.trials()).put("failures", found.failures());
    }
    results
        .contrast()
        .ifPresent(
            contrast -> {
              PairedDifference difference = contrast.change().difference();
              ObjectNode change = root.putObject("change");
              change.put("quantity", contrast.change().quantity().key());
              change.put("mean", difference.mean()).put("prompts", difference.pairs());
              put(change, difference.interval95());
              contrast
                  .verdicts()
                  .ifPresent(
                      test ->
                          change
                              .putObject("mcnemar")
                              .put("gained", test.gained())
                              .put("lost", test.lost())
                              .put("p", test.p()));
            });
    return root.toString();
  }

  private static void put(ObjectNode node, Measure measure) {
    node.put("value", measure.value()).put("prompts", measure.prompts());
    put(node, measure.interval95());
  }

  private static void put(ObjectNode node, Interval interval) {
    node.putArray("interval95").add(interval.low()).add(interval.high());
  }
}
