/**
 * The machine room: tensor programs, models, generation, training, checkpoints, data and settings.
 * Each has a package of its own. Nothing here knows actors or the mathematics of an algorithm: a
 * loss comes in as a function, and rollouts go out as arrays.
 */
package dev.troupe.runtime;
