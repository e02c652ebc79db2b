/**
 * The learner: opens a stage, trains its steps in order, publishes versions and writes checkpoints.
 * Several learners may train a stage together: one has the supervisor's orders and leads, the
 * others follow it, and all do the same steps with their own shards of the gradient.
 */
package dev.troupe.actors.learner;
