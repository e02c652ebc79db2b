package dev.troupe.actors.protocol;

/**
 * A message that may go to another node. Each one has a form in bytes in {@code actors.wire};
 * messages without this mark stay within their process.
 */
public interface WireMessage {}
