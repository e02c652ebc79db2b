package dev.troupe.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the benchmarks: {@code troupe bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures Troupe against the limits of this machine.",
    subcommands = {
      DataCommand.class,
      DurableCommand.class,
      EngineCommand.class,
      ProtocolCommand.class,
      RecordsCommand.class,
      ScalingCommand.class,
      TransportCommand.class
    })
public final class Main {
  private Main() {}

  /** Runs the benchmark that the arguments name; the exit status is 0 if it ran to its end. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Main()).execute(arguments));
  }
}
