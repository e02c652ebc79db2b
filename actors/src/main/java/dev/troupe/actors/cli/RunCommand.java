package dev.troupe.actors.cli;

import dev.troupe.actors.console.Console;
import dev.troupe.actors.console.RunView;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.run.EmbeddedRun;
import dev.troupe.runtime.settings.RunSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code troupe run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs a recipe to its end, or takes up again where the same command was interrupted.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe run",
      "  troupe run cluster-config/recipes/quickstart.conf seed=2 name=quickstart-2",
      "  troupe run my.conf --device cuda:0 --json > events.jsonl"
    })
final class RunCommand implements Callable<Integer> {
  private static final Duration GLANCE = Duration.ofMillis(500);

  @Mixin private RecipeChoice recipe;

  @ArgGroup private Output output = new Output();

  /** One way of telling what happens. */
  static final class Output {
    @Option(names = "--quiet", description = "Say only how it ended.")
    private boolean isQuiet;

    @Option(names = "--json", description = "Write one JSON object a line and event.")
    private boolean isJson;

    Console.Mode mode() {
      return isQuiet ? Console.Mode.QUIET : isJson ? Console.Mode.JSON : Console.Mode.AUTO;
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    RunSettings settings = recipe.load();
    try (RunView view = Console.open(output.mode());
        EmbeddedRun run =
            EmbeddedRun.start(
                settings,
                EmbeddedRun.Options.usual(recipe.command())
                    .telling(directory -> LogFile.to(directory.resolve("troupe.log"))),
                view)) {
      Interrupt interrupt = Interrupt.stopping(run::stop);
      Optional<RunOutcome> outcome = Optional.empty();
      while (outcome.isEmpty()) {
        outcome = run.await(GLANCE);
      }
      interrupt.settle();
      return outcome.get() instanceof RunOutcome.Completed ? 0 : 1;
    }
  }
}
