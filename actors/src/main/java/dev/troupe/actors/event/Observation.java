package dev.troupe.actors.event;

/**
 * One element of the stream of a run's events.
 *
 * @param event what happened
 * @param missed how many events directly before it this subscriber did not get, because it had
 *     asked for none while its buffer was full; 0 for one that keeps up. What is missed is in the
 *     run's {@code metrics.jsonl}.
 */
public record Observation(RunEvent event, long missed) {}
