package dev.troupe.actors.weights;

/**
 * What an exchange fetched from other nodes.
 *
 * @param versions policy versions
 * @param bytes of parcels that came for them
 * @param fullBytes the same versions have when each is moved whole
 */
public record Traffic(long versions, long bytes, long fullBytes) {
  /** Nothing yet. */
  static final Traffic NONE = new Traffic(0, 0, 0);

  Traffic plus(long moreBytes, long moreFullBytes) {
    return new Traffic(versions + 1, bytes + moreBytes, fullBytes + moreFullBytes);
  }

  /** Bytes that came as a share of the full weights, 0 before the first version. */
  public double share() {
    return fullBytes == 0 ? 0 : (double) bytes / fullBytes;
  }
}
