package dev.troupe.runtime.transport;

import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of a parcel. Chunks carry all but the digest; requests carry all of it, so that two
 * holders of different bytes under one number are never mixed.
 *
 * @param cargo the stream it belongs to
 * @param epoch counts the restarts of whoever makes the stream, from 0
 * @param number counts the parcels of the stream, from 0
 * @param digest lower-case hexadecimal SHA-256 that the taker compares with what arrived, 64 digits
 */
public record ParcelId(Cargo cargo, int epoch, long number, String digest) {
  /** Bytes of a digest. */
  static final int DIGEST_BYTES = 32;

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final Comparator<ParcelId> AGE =
      Comparator.comparingInt(ParcelId::epoch).thenComparingLong(ParcelId::number);

  /** Refuses negative counters and anything that is not a lower-case SHA-256 digest. */
  public ParcelId {
    if (epoch < 0 || number < 0) {
      throw new IllegalArgumentException(
          "parcel of %s: epoch=%d number=%d, both must be 0 or more"
              .formatted(cargo, epoch, number));
    }
    if (!SHA_256.matcher(digest).matches()) {
      throw new IllegalArgumentException(
          "parcel of %s: digest=%s is not 64 lower-case hexadecimal digits"
              .formatted(cargo, digest));
    }
  }

  /** Whether this parcel was made after the other one of the same stream. */
  boolean isNewerThan(ParcelId other) {
    return AGE.compare(this, other) > 0;
  }

  /** For people: {@code weights 0.12@3f2a91c0}. */
  @Override
  public String toString() {
    return "%s %d.%d@%s"
        .formatted(cargo.name().toLowerCase(Locale.ROOT), epoch, number, digest.substring(0, 8));
  }
}
