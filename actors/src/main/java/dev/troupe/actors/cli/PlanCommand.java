package dev.troupe.actors.cli;

import dev.troupe.actors.run.Outlook;
import dev.troupe.actors.stage.Rehearsal;
import dev.troupe.actors.stage.StageKinds;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.runtime.record.ReadableNumbers;
import dev.troupe.runtime.settings.RunSettings;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code troupe plan}. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows what a recipe would do: every setting with the place where it was set, the",
      "stages, where the roles are, an estimate of memory by part, and how long a step takes,",
      "measured for some seconds on this machine. Starts nothing and writes nothing.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {"  troupe plan my.conf", "  troupe plan my.conf stages.grpo.group-size=32 --untimed"})
final class PlanCommand implements Callable<Integer> {
  private static final double MIB = 1024 * 1024;

  @Mixin private RecipeChoice recipe;

  @Option(names = "--untimed", description = "Do not measure how long a step takes.")
  private boolean isUntimed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RunSettings settings = recipe.load();
    Outlook outlook = Outlook.of(settings, !isUntimed);
    PrintWriter out = spec.commandLine().getOut();
    out.println(settings.resolved().render());
    out.printf(
        "Task: %,d training and %,d held-out examples; the longest prompt looked at has %d"
            + " tokens.%n",
        outlook.trainExamples(), outlook.heldOutExamples(), outlook.longestPrompt());
    out.printf(
        Locale.ROOT,
        "Model: %s with %,d parameters, %d layers of width %d, vocabulary %d, context %d.%n%n",
        outlook.config().family(),
        outlook.config().parameters(),
        outlook.config().layers(),
        outlook.config().width(),
        outlook.config().vocabSize(),
        outlook.config().context());
    out.println("Stages:");
    for (StagePlan stage : outlook.stages()) {
      out.println("  " + describe(stage) + learners(settings, stage));
    }
    out.printf(
        Locale.ROOT,
        "%nPlacement: ./troupe run plays all roles in one process here, on %s with %d threads:%n"
            + "  supervisor, generator, reward, reference, learner.%n"
            + "  With ./troupe node each has a machine of its own; its parts of the memory are named below.%n",
        settings.device(),
        settings.threads() > 0 ? settings.threads() : Runtime.getRuntime().availableProcessors());
    out.printf(Locale.ROOT, "%nMemory, estimated (%s):%n", settings.device());
    for (Map.Entry<String, Long> part : outlook.memory().entrySet()) {
      out.printf(Locale.ROOT, "  %,10.1f MiB  %s%n", part.getValue() / MIB, part.getKey());
    }
    out.printf(
        Locale.ROOT,
        "  %,10.1f MiB  together, beside the Java heap and libtorch itself%n",
        outlook.totalMemory() / MIB);
    if (!outlook.rehearsals().isEmpty()) {
      time(out, outlook);
    }
    out.printf("%nNothing was started. Start it with: %s%n", recipe.command());
    out.flush();
    return 0;
  }

  /** Who trains a stage, where a run on a cluster has several learners. */
  private static String learners(RunSettings settings, StagePlan stage) {
    if (settings.learners() == 1 || stage.steps() == 0) {
      return "";
    }
    return StageKinds.standard().isShared(settings, stage.name())
        ? ", trained by up to %d learners together".formatted(settings.learners())
        : ", trained by one learner alone";
  }

  private static void time(PrintWriter out, Outlook outlook) {
    out.printf(
        "%nTime of a step, from doing a part of one, with completions as long as allowed:%n");
    double whole = 0;
    for (Rehearsal stage : outlook.rehearsals()) {
      long steps =
          outlook.stages().stream()
              .filter(plan -> plan.name().equals(stage.stage()))
              .mapToLong(StagePlan::steps)
              .sum();
      double all = steps * stage.stepSeconds();
      whole += all;
      out.printf(
          Locale.ROOT,
          "  %-16s at most %s: generating %s, reference %s, training %s; %,d steps %s%n",
          stage.stage(),
          ReadableNumbers.duration(stage.stepSeconds()),
          ReadableNumbers.duration(stage.generateSeconds()),
          ReadableNumbers.duration(stage.referenceSeconds()),
          ReadableNumbers.duration(stage.trainSeconds()),
          steps,
          ReadableNumbers.duration(all));
    }
    out.printf(
        "  %s in all, less where roles work side by side or completions end early;%n"
            + "  rewards, evaluations and checkpoints are not counted.%n",
        ReadableNumbers.duration(whole));
  }

  private static String describe(StagePlan stage) {
    String steps =
        stage.steps() == 0
            ? "the weights to begin with"
            : String.format(Locale.ROOT, "%,d steps", stage.steps());
    return stage
        .tickets()
        .map(tickets -> "%s (%s): %s %s".formatted(stage.name(), stage.kind(), steps, of(tickets)))
        .orElse("%s (%s): %s".formatted(stage.name(), stage.kind(), steps));
  }

  private static String of(TicketPlan tickets) {
    String more =
        tickets.rounds() == 1
            ? ""
            : ", and up to %d prompts more where those say nothing"
                .formatted(tickets.prompts() * (tickets.rounds() - 1));
    String compared =
        tickets.candidates() == 1 ? "" : "%d candidates x ".formatted(tickets.candidates());
    return "of %s%d prompts x %d completions of at most %d tokens%s"
        .formatted(
            compared, tickets.prompts(), tickets.samples(), tickets.sampling().maxTokens(), more);
  }
}
