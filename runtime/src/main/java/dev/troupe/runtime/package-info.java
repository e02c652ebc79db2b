/**
 * The machine room: tensor programs, models, generation, training, checkpoints, data and settings.
 */
package dev.troupe.runtime;
