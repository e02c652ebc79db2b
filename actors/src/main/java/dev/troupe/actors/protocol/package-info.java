/**
 * What the members of the company send each other: tickets and work units on the way to the
 * generators, groups and their parts on the way to the learner, and the versions that bind them.
 *
 * <p>Everything here is an immutable record. Arrays of tokens and numbers are shared, not copied:
 * who receives one must not write to it. No message holds an open tensor.
 */
package dev.troupe.actors.protocol;
