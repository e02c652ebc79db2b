package dev.troupe.runtime.environment;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * What the episodes of a run have in common.
 *
 * @param kind name of the kind of environment
 * @param maxTurns how often a policy may speak in an episode, at least 1
 * @param deadline of one call to an environment
 * @param role whom a chat template lets say what the environment answers, such as user or tool
 * @param threads calls at the same time
 * @param player makes the environment of an episode, or is the program that plays
 */
public record World(
    String kind, int maxTurns, Duration deadline, String role, int threads, Player player) {

  /** Who leads an episode. */
  public sealed interface Player permits Turns, Agent {}

  /** The policy and an environment speak in turn. */
  public record Turns(Supplier<? extends Environment> environments) implements Player {}

  /** A program talks to the policy as it likes. */
  public record Agent(AgentProgram program) implements Player {}

  /** Where an environment answers each turn. */
  public World(
      String kind,
      int maxTurns,
      Duration deadline,
      String role,
      int threads,
      Supplier<? extends Environment> environments) {
    this(kind, maxTurns, deadline, role, threads, new Turns(environments));
  }

  /** Makes the environment of an episode. */
  Environment environment() {
    if (player instanceof Turns turns) {
      return turns.environments().get();
    }
    throw new IllegalStateException("an agent plays, not an environment of kind " + kind);
  }
}
