package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.model.DecoderWeights;
import java.util.ArrayList;
import java.util.List;

/**
 * The trained parameters of a decoder in pieces of a bounded size, and who of several learners
 * updates which of them. The pieces follow from the decoder alone, so that numbers that are
 * computed piece by piece, such as the norm of the gradient, do not depend on how many learners
 * there are.
 *
 * <p>Matrices come first because they alone have weight decay.
 */
final class ParameterPieces {
  /** A multiple of what vector units take at once: a piece has the bits that its array has. */
  private static final int MOST_ELEMENTS = 1 << 22;

  private final DecoderWeights masters;
  private final List<Piece> pieces;
  private final int decayed;
  private final long elements;

  /**
   * Consecutive elements of an array, in row-major order.
   *
   * @param slot of the array
   * @param from the first element
   * @param to the one behind the last
   * @param isWhole whether it is all of the array
   */
  record Piece(int slot, int from, int to, boolean isWhole) {
    int size() {
      return to - from;
    }

    int bytes() {
      return Float.BYTES * size();
    }
  }

  /**
   * The pieces of one of several learners.
   *
   * @param from the first
   * @param to the one behind the last
   */
  record Share(int from, int to) {
    int size() {
      return to - from;
    }
  }

  ParameterPieces(DecoderWeights masters) {
    this(masters, MOST_ELEMENTS);
  }

  ParameterPieces(DecoderWeights masters, int mostElements) {
    this.masters = masters;
    boolean[] train = masters.trainable();
    boolean[] matrix = masters.matrices();
    NDArray[] arrays = masters.arrays();
    var all = new ArrayList<Piece>();
    for (int slot = 0; slot < train.length; slot++) {
      if (train[slot] && matrix[slot]) {
        cut(slot, Math.toIntExact(arrays[slot].size()), mostElements, all);
      }
    }
    this.decayed = all.size();
    for (int slot = 0; slot < train.length; slot++) {
      if (train[slot] && !matrix[slot]) {
        cut(slot, Math.toIntExact(arrays[slot].size()), mostElements, all);
      }
    }
    this.pieces = List.copyOf(all);
    this.elements = pieces.stream().mapToLong(Piece::size).sum();
  }

  private static void cut(int slot, int size, int most, List<Piece> into) {
    for (long from = 0; from < size; from += most) {
      int to = (int) Math.min(from + most, size);
      into.add(new Piece(slot, (int) from, to, from == 0 && to == size));
    }
  }

  int count() {
    return pieces.size();
  }

  Piece get(int piece) {
    return pieces.get(piece);
  }

  /** The pieces before this one have weight decay. */
  int decayed() {
    return decayed;
  }

  /** All pieces, for a learner that trains alone. */
  Share all() {
    return new Share(0, pieces.size());
  }

  /**
   * The pieces that a learner updates: those whose middles lie in its part of all elements.
   *
   * @param rank from 0
   */
  Share of(int rank, int learners) {
    return new Share(before(rank, learners), before(rank + 1, learners));
  }

  /** Pieces whose middles lie before a learner's part. */
  private int before(int rank, int learners) {
    long start = 0;
    int count = 0;
    for (Piece piece : pieces) {
      if ((2 * start + piece.size()) * learners >= 2 * elements * rank) {
        break;
      }
      start += piece.size();
      count++;
    }
    return count;
  }

  /** Bytes of the pieces of a share. */
  long bytes(Share share) {
    long bytes = 0;
    for (int i = share.from(); i < share.to(); i++) {
      bytes += pieces.get(i).bytes();
    }
    return bytes;
  }

  /**
   * The pieces of a share out of arrays in slot order: the arrays themselves or views of them.
   *
   * @param scope owns the views
   */
  NDArray[] views(NDManager scope, NDArray[] slots, Share share) {
    var views = new NDArray[share.size()];
    for (int i = 0; i < views.length; i++) {
      Piece piece = pieces.get(share.from() + i);
      NDArray array = slots[piece.slot()];
      views[i] =
          piece.isWhole()
              ? array
              : masters
                  .accelerator()
                  .program()
                  .call("piece", array, piece.from(), piece.size())
                  .tensor(scope);
    }
    return views;
  }
}
