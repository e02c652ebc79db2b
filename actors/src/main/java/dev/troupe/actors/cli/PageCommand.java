package dev.troupe.actors.cli;

import dev.troupe.actors.page.RunPage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe page}. */
@Command(
    name = "page",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Serves the page of a run, finished or in progress, from its directory. Only reads;",
      "only this machine can see it. Ctrl-C ends it.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe page runs/quickstart",
      "  troupe page runs/quickstart --port 8080",
      "  ssh -L 8080:127.0.0.1:8080 machine     then http://127.0.0.1:8080/ here shows it"
    })
final class PageCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The directory of a run.")
  private Path directory;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Where to serve; 0 = any free port (default: ${DEFAULT-VALUE}).")
  private int port;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (RunPage page = RunPage.open(port, Clock.systemUTC())) {
      page.show(directory);
      out.printf("The page of %s is at %s%n", directory, page.address());
      out.flush();
      var never = new CountDownLatch(1);
      while (!never.await(1, TimeUnit.DAYS)) {} // Until the process is told to end.
    }
    return 0;
  }
}
