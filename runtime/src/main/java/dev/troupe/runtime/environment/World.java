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
 * @param environments makes the environment of an episode
 */
public record World(
    String kind,
    int maxTurns,
    Duration deadline,
    String role,
    int threads,
    Supplier<? extends Environment> environments) {}
