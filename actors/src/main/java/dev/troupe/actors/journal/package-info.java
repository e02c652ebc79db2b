/**
 * The journal of a run: the decisions that nobody could find again after a crash, what they come
 * to, and where they are kept.
 */
package dev.troupe.actors.journal;
