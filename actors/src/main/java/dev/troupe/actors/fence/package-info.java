/**
 * The fence around weights: the rules by which generators get work, groups are believed and
 * versions follow each other. They are plain values and functions, so that a test can explore every
 * order of messages, losses and restarts with the very rules that the actors obey.
 */
package dev.troupe.actors.fence;
