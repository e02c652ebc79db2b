/**
 * Chaos: a run in a process of its own that is killed, frozen, starved and damaged at seeded
 * moments, started again each time, and compared with one that nobody disturbed.
 */
package dev.troupe.actors.chaos;
