package dev.troupe.actors.cli;

import picocli.CommandLine.Command;

@Command(name = "plan")
final class PlanCommand implements Runnable {
  @Override
  public void run() {}
}
