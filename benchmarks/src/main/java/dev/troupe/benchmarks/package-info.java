/** Measurements of the runtime against the limits of the machine it runs on. */
package dev.troupe.benchmarks;
