package dev.troupe.actors.cli;

import dev.troupe.actors.console.Console;
import dev.troupe.actors.console.RunView;
import dev.troupe.actors.page.PageAddress;
import dev.troupe.actors.page.RunPage;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.run.EmbeddedRun;
import dev.troupe.actors.run.StopRequest;
import dev.troupe.actors.run.WallClock;
import dev.troupe.runtime.deadline.SteadyClock;
import dev.troupe.runtime.settings.RunSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
      "  troupe run my.conf --device cuda:0 --json > events.jsonl",
      "  troupe run my.conf --page 8080"
    })
final class RunCommand implements Callable<Integer> {
  private static final Duration GLANCE = Duration.ofMillis(500);

  @Mixin private RecipeChoice recipe;

  @ArgGroup private Output output = new Output();

  /** Leaves a word that is no number to the recipe: {@code troupe run --page my.conf}. */
  static final class PortOnly implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> facts) {
      if (words.isEmpty() || !words.peek().matches("([\\w.-]+:)?\\d+")) {
        words.push("0");
      }
      return false;
    }
  }

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

  @Option(
      names = "--page",
      arity = "0..1",
      paramLabel = "[ADDRESS:]PORT",
      fallbackValue = "0",
      preprocessor = PortOnly.class,
      description = {
        "Serve the live page of the run at this port or any free one; its address is told on",
        "standard error. Only this machine sees it unless an address is given; then readers",
        "need the token of --page-token."
      })
  private String page;

  @Option(
      names = "--page-token",
      paramLabel = "FILE",
      description =
          "The token that readers of the page from elsewhere show (default: ~/.troupe/page-token,"
              + " which is made when it is missing).")
  private Path token;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = Grace.USUAL,
      converter = Grace.class,
      description =
          "After Ctrl-C or SIGTERM: how long the step under way may take to be trained and saved, such"
              + " as 90s or 2m; 0 ends at once"
              + " (default: ${DEFAULT-VALUE}).")
  private Duration grace;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    RunSettings settings = recipe.load();
    if (page == null) {
      return run(settings, Optional.empty());
    }
    PageAddress address = PageAddress.parse(page, token != null ? token : PageAddress.usualToken());
    try (RunPage opened = RunPage.open(address, SteadyClock.from(WallClock.system()))) {
      PrintWriter err = spec.commandLine().getErr();
      err.printf("The live page of this run is at %s%n", opened.address());
      err.flush();
      return run(settings, Optional.of(opened));
    }
  }

  private int run(RunSettings settings, Optional<RunPage> page) throws InterruptedException {
    Interrupt interrupt = Interrupt.within(grace);
    int code = 1;
    try {
      code = perform(settings, page, interrupt);
    } finally {
      interrupt.settle(code);
    }
    return code;
  }

  private int perform(RunSettings settings, Optional<RunPage> page, Interrupt interrupt)
      throws InterruptedException {
    try (RunView view = Console.open(output.mode());
        EmbeddedRun run =
            EmbeddedRun.start(
                settings,
                EmbeddedRun.Options.usual(recipe.command())
                    .telling(
                        directory -> {
                          LogFile.to(directory.resolve("troupe.log"), settings.log());
                          StopRequest.take(directory); // Of a process that is gone.
                          page.ifPresent(it -> it.showOwn(directory));
                        }),
                event -> {
                  view.on(event);
                  page.ifPresent(it -> it.on(event));
                })) {
      page.ifPresent(it -> it.attend(run::company));
      interrupt.attach(run::drain);
      Optional<RunOutcome> outcome = Optional.empty();
      while (outcome.isEmpty()) {
        outcome = run.await(GLANCE);
        StopRequest.take(settings.directory())
            .ifPresent(time -> run.drain("The run was asked to stop.", time));
      }
      return outcome.get() instanceof RunOutcome.Stopped ? 1 : 0;
    }
  }
}
