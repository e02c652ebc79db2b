/** What the methods that learn from pairs share: log-probabilities of responses, and metrics. */
package dev.troupe.algorithms.preference;
