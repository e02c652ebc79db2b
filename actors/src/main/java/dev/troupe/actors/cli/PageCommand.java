package dev.troupe.actors.cli;

import dev.troupe.actors.page.PageAddress;
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
      "only this machine can see it unless --host says otherwise. Ctrl-C ends it.",
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

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Where to listen (default: ${DEFAULT-VALUE}). Elsewhere readers need a token, and nothing"
              + " is encrypted.")
  private String host;

  @Option(
      names = "--token",
      paramLabel = "FILE",
      description =
          "The token that readers from elsewhere show (default: ~/.troupe/page-token, which is made"
              + " when it is missing).")
  private Path token;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    var address = new PageAddress(host, port, token != null ? token : PageAddress.usualToken());
    try (RunPage page = RunPage.open(address, Clock.systemUTC())) {
      page.show(directory);
      out.printf("The page of %s is at %s%n", directory, page.address());
      out.flush();
      var never = new CountDownLatch(1);
      while (!never.await(1, TimeUnit.DAYS)) {} // Until the process is told to end.
    }
    return 0;
  }
}
