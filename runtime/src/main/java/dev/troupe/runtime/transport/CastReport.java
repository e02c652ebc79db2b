package dev.troupe.runtime.transport;

import java.util.List;

/**
 * What became of a cast.
 *
 * @param id what was cast
 * @param delivered who has it whole, or had it before
 * @param dropped who was left behind, died, or did not answer; they catch up by asking any holder
 */
public record CastReport(ParcelId id, List<Place> delivered, List<Place> dropped) {
  /** Copies the lists. */
  public CastReport {
    delivered = List.copyOf(delivered);
    dropped = List.copyOf(dropped);
  }
}
