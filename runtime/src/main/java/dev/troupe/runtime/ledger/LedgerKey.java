package dev.troupe.runtime.ledger;

/**
 * The name of an entry, unique in a ledger.
 *
 * @param phase the part of the run that it belongs to
 * @param ordinal its place in the phase, from 0
 */
public record LedgerKey(String phase, long ordinal) {}
