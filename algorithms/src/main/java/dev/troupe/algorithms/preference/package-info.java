/**
 * What the methods that learn from pairs share: log-probabilities of whole responses, and metrics.
 * The metrics of micro-batches add up to those of the step.
 */
package dev.troupe.algorithms.preference;
