/**
 * What happens in a run, told to whoever wants to show or record it.
 *
 * <p>Events are immutable facts. They carry numbers and text, never token ids or weights.
 */
package dev.troupe.actors.event;
