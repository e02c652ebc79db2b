/**
 * The learner: opens a stage, trains its steps in order, publishes versions and writes checkpoints.
 */
package dev.troupe.actors.learner;
