/**
 * How weights get from the learner to those who compute with them, by version and never by
 * "newest".
 */
package dev.troupe.actors.weights;
