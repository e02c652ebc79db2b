package dev.troupe.runtime.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which prompts are held out, by the first eight bytes of their SHA-256: the split that {@link
 * HeldOut} makes, for rows that are not in memory as objects.
 */
final class PromptHashes {
  private final MessageDigest sha256;
  private long[] hashes = new long[1024];
  private int size;

  PromptHashes() {
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Adds the prompt of the next row. */
  void add(String prompt) {
    if (size == hashes.length) {
      hashes = Arrays.copyOf(hashes, size + (size >> 1));
    }
    byte[] digest = sha256.digest(prompt.getBytes(StandardCharsets.UTF_8));
    // Signed numbers in the order of the unsigned ones.
    hashes[size++] = ByteBuffer.wrap(digest).getLong() ^ Long.MIN_VALUE;
  }

  /**
   * Holds out the distinct prompts with the smallest hashes. Of several rows with a held-out prompt
   * the first is held out and the others belong in neither part.
   */
  Split holdOut(int prompts) {
    if (prompts == 0) {
      return new Split(new int[0], new boolean[size]);
    }
    long[] sorted = Arrays.stream(hashes, 0, size).sorted().distinct().limit(prompts).toArray();
    var out = new boolean[size];
    int[] first = new int[sorted.length];
    Arrays.fill(first, -1);
    for (int row = 0; row < size; row++) {
      int at = Arrays.binarySearch(sorted, hashes[row]);
      if (at >= 0) {
        out[row] = true;
        first[at] = first[at] < 0 ? row : first[at];
      }
    }
    return new Split(first, out);
  }

  /**
   * The two parts.
   *
   * @param heldOut the rows held out, in the order of their hashes
   * @param out whether each row belongs to a held-out prompt
   */
  record Split(int[] heldOut, boolean[] out) {

    /** The rows to train on among those from {@code begin} to before {@code end}. */
    int[] train(int begin, int end) {
      return IntStream.range(begin, end).filter(row -> !out[row]).toArray();
    }
  }
}
