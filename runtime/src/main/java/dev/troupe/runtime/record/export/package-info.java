/**
 * Records of a run for the programs that others watch runs with. None of them can hold up or fail a
 * run: what they cannot take is counted and told.
 */
package dev.troupe.runtime.record.export;
