/**
 * The form in bytes of every message that crosses nodes: a format byte, then the components in the
 * order of the record. Counts and token ids are variable-length, log-probabilities are packed
 * floats, and what repeats within a message is written once.
 */
package dev.troupe.actors.wire;
