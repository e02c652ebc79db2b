package dev.troupe.actors.cli;

import dev.troupe.actors.node.OutOfTouchException;
import dev.troupe.actors.protocol.Failure;
import java.io.PrintWriter;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program behind {@code ./troupe}. */
@Command(
    name = "troupe",
    description = {
      "Reinforcement learning for language models, performed by a company of actors.",
      ""
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe run                       teach a tiny model to sort digits",
      "  troupe run my.conf seed=2        run a recipe; the same command resumes it",
      "  troupe plan my.conf              what it would do and need; starts nothing",
      "  troupe status runs/quickstart    how far a run is and what it found",
      "  troupe stop runs/quickstart      ends it in order; the same command resumes it",
      "  troupe page runs/quickstart      the same in a browser, with curves and samples",
      "  troupe explain runs/quickstart 80    what a step was made of, token by token",
      "  troupe generate --model runs/quickstart --prompt '352104>'",
      "  troupe eval runs/quickstart --stage grpo --against runs/quickstart:sft-a",
      "  troupe soup runs/seed-1 runs/seed-2 --to soup",
      "  troupe export runs/quickstart --to sorter.gguf --format gguf --type Q8_0",
      "  eval \"$(troupe completion bash)\" completes commands, options and files",
      "  troupe chaos my.conf --faults 5  kills and damages a run and compares what is left",
      "  troupe bench engine              speed against the limits of this machine",
      "  troupe test                      builds and passes the tests",
      "",
      "Exit codes: 0 done, 1 failed with a cause, 2 bad usage or settings."
    },
    subcommands = {
      RunCommand.class,
      NodeCommand.class,
      PlanCommand.class,
      StatusCommand.class,
      StopCommand.class,
      PageCommand.class,
      ExplainCommand.class,
      GenerateCommand.class,
      ServeCommand.class,
      EvalCommand.class,
      SoupCommand.class,
      ExportCommand.class,
      CompletionCommand.class,
      ChaosCommand.class,
      HelpCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  /** Runs the command line in this process. */
  static int execute(String... arguments) {
    return commandLine().execute(arguments);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Main::refuse)
        .setExecutionExceptionHandler(Main::explain)
        .setExitCodeExceptionMapper(Main::exitCode);
  }

  /** A sentence, and where to read more: the whole help would push the sentence out of sight. */
  private static int refuse(ParameterException thrown, String[] arguments) {
    CommandLine command = thrown.getCommandLine();
    PrintWriter err = command.getErr();
    String message = thrown.getMessage().strip();
    err.println(message + (message.endsWith(".") ? "" : "."));
    CommandLine.UnmatchedArgumentException.printSuggestions(thrown, err);
    err.println("Examples and options: " + command.getCommandSpec().qualifiedName() + " --help");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static int exitCode(Throwable thrown) {
    // Who lost touch with its run did nothing wrong.
    boolean isUsage = Failure.isUsage(thrown) && !(thrown instanceof OutOfTouchException);
    return thrown instanceof ParameterException || isUsage ? 2 : 1;
  }

  /** People see a sentence; the stack trace goes to the log file. */
  private static int explain(
      Exception thrown, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter err = command.getErr();
    err.println(Failure.sentence(thrown));
    if (!Failure.isForPeople(thrown)) {
      err.println("This is a fault of the program; the log of the run has the details.");
    }
    LoggerFactory.getLogger(Main.class).info("the command failed", thrown);
    return command.getExitCodeExceptionMapper().getExitCode(thrown);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
