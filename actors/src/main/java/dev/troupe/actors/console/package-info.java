/**
 * What {@code troupe run} shows: a live view in a terminal, plain lines in a log, JSON lines for
 * programs, or only the result.
 *
 * <p>{@link dev.troupe.actors.console.Console} chooses. Rendering is pure: {@link
 * dev.troupe.actors.console.LiveBlock} and {@link dev.troupe.actors.console.Sentences} turn facts
 * into lines, and the listeners only decide when to write them.
 */
package dev.troupe.actors.console;
