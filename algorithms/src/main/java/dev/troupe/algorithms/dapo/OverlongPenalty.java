package dev.troupe.algorithms.dapo;

import dev.troupe.algorithms.Require;
import java.util.ArrayList;
import java.util.List;

/**
 * Soft overlong punishment (DAPO, Yu et al. 2025, eq. 13), to be added to the reward of a response.
 * With a length L, a longest length M and a buffer C it is
 *
 * <pre>
 * 0                      if L <= M - C
 * -factor (L - M + C)/C  if M - C < L <= M
 * -factor                if M < L
 * </pre>
 *
 * @param maxLength M, tokens, at least 1
 * @param buffer C, tokens, in [1, maxLength]
 * @param factor the largest penalty, in units of the reward, 0 or more; 1 in the paper
 */
public record OverlongPenalty(int maxLength, int buffer, double factor) {
  /**
   * Checks every part and reports all mistakes at once.
   *
   * @throws IllegalArgumentException naming each part that is out of its range
   */
  public OverlongPenalty {
    List<String> problems = new ArrayList<>();
    if (maxLength < 1) {
      problems.add("maxLength is " + maxLength + ", expected at least 1 token");
    }
    if (buffer < 1 || buffer > maxLength) {
      problems.add(
          "buffer is %d, expected at least 1 and at most maxLength, %d"
              .formatted(buffer, maxLength));
    }
    if (!(factor >= 0 && factor < Double.POSITIVE_INFINITY)) {
      problems.add("factor is " + factor + ", expected 0 or more");
    }
    Require.none("overlong penalty", problems);
  }

  /**
   * The penalty of one response.
   *
   * @param length its tokens, 0 or more; may exceed {@code maxLength}
   * @return a number in [-factor, 0]
   * @throws IllegalArgumentException if the length is negative
   */
  public double of(int length) {
    if (length < 0) {
      throw new IllegalArgumentException("length is " + length + ", expected 0 or more tokens");
    }
    int excess = Math.min(length, maxLength) - (maxLength - buffer);
    return excess <= 0 ? 0 : -factor * excess / buffer;
  }
}
