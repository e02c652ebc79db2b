package dev.troupe.actors.supervisor;

import java.time.Instant;

/**
 * Something the run cannot go on without.
 *
 * @param what it waits for, to be read after "waiting for"
 * @param since when the wait began
 * @param deadline when it stops waiting
 * @param onExpiry what happens then
 */
public record Wait(String what, Instant since, Instant deadline, String onExpiry) {}
