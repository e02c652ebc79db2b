/**
 * The company on virtual time: the shipped actors in one process and on one thread, with a clock
 * that jumps to whatever is next, a network that delays, loses and parts, and engines that take the
 * time that they would. The same seed gives the same trace.
 */
package dev.troupe.actors.simulation;
