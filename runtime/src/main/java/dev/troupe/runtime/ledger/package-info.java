/**
 * The ledger of a run: finished groups, written before they count, so that what was sampled once is
 * never sampled again after a crash.
 */
package dev.troupe.runtime.ledger;
