package dev.troupe.runtime.model;

import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * The identity of one set of weights: which run segment made it, the how-manieth it is, and what
 * its bytes are. Two holders of a version agree only if all three agree; the order looks at the
 * first two alone, so versions that differ only in the digest compare as equal without being equal.
 *
 * @param epoch counts the restarts of the publishing learner, from 0
 * @param number counts the published versions of the run, from 0
 * @param digest lower-case hexadecimal SHA-256 of the weights, 64 digits
 */
public record PolicyVersion(int epoch, long number, String digest)
    implements Comparable<PolicyVersion> {
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final Comparator<PolicyVersion> ORDER =
      Comparator.comparingInt(PolicyVersion::epoch).thenComparingLong(PolicyVersion::number);

  /** Refuses negative counters and anything that is not a lower-case SHA-256 digest. */
  public PolicyVersion {
    if (epoch < 0 || number < 0) {
      throw new IllegalArgumentException(
          "policy version epoch=" + epoch + " number=" + number + ": both must be 0 or more");
    }
    if (digest == null || !SHA_256.matcher(digest).matches()) {
      throw new IllegalArgumentException(
          "policy version digest=" + digest + " is not 64 lower-case hexadecimal digits");
    }
  }

  /** Orders by epoch, then by number; the digest plays no part. */
  @Override
  public int compareTo(PolicyVersion other) {
    return ORDER.compare(this, other);
  }

  /** Whether this version was published after the other one. */
  public boolean isNewerThan(PolicyVersion other) {
    return compareTo(other) > 0;
  }

  /** For people: {@code 0.12@3f2a91c0}, with the first eight digits of the digest. */
  @Override
  public String toString() {
    return epoch + "." + number + "@" + digest.substring(0, 8);
  }
}
