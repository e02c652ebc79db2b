package dev.troupe.actors.cli;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.run.RunStatus;
import dev.troupe.actors.run.StopRequest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe stop}. */
@Command(
    name = "stop",
    mixinStandardHelpOptions = true,
    description = {
      "Asks the process that is at a run to end it in order, from any machine that sees its",
      "directory: the step under way is trained and saved, groups in work are kept.",
      ""
    },
    footerHeading = "%nExample:%n",
    footer = "  troupe stop runs/quickstart --grace 2m")
final class StopCommand implements Callable<Integer> {
  private static final Duration GLANCE = Duration.ofMillis(200);

  /** For noticing the request, and for closing what is open. */
  private static final Duration MARGIN = Duration.ofSeconds(60);

  @Parameters(paramLabel = "DIR", description = "The directory of a run.")
  private Path directory;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "2m",
      converter = Grace.class,
      description =
          "How long the step under way may take, such as 90s or 2m; then the run ends as it is, and"
              + " that step is done again (default: ${DEFAULT-VALUE}).")
  private Duration grace;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    RunStatus.requireConf(directory);
    if (!RunStatus.isAlive(directory)) {
      throw new RunException("No process is at the run in " + directory + ".");
    }
    StopRequest.write(directory, grace);
    long deadline = System.nanoTime() + grace.plus(MARGIN).toNanos();
    var never = new CountDownLatch(1);
    while (RunStatus.isAlive(directory)) {
      if (System.nanoTime() - deadline >= 0) {
        StopRequest.take(directory);
        tell("The run did not end within %d s.".formatted(grace.plus(MARGIN).toSeconds()));
        return 1;
      }
      if (never.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return 1; // Nobody counts down.
      }
    }
    tell("The run has ended; the command that started it takes it up again.");
    return 0;
  }

  private void tell(String sentence) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(sentence);
    out.flush();
  }
}
