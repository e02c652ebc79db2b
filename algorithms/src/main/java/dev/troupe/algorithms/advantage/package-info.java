/**
 * How much better an action was than expected: within a group of responses, or with a critic. On
 * the host, in float64.
 */
package dev.troupe.algorithms.advantage;
