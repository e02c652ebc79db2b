package dev.troupe.runtime.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Bytes that lie in several pieces of memory and are addressed as one, so that tensors are sent
 * from where they are. Whoever made the pieces keeps them alive and unchanged.
 */
public final class Segments {
  private final ByteBuffer[] pieces;
  private final UnsafeBuffer[] views;
  private final long[] starts;
  private final long length;

  private Segments(List<ByteBuffer> parts) {
    var kept = new ArrayList<ByteBuffer>();
    for (ByteBuffer part : parts) {
      if (part.hasRemaining()) {
        kept.add(part.slice().order(ByteOrder.LITTLE_ENDIAN));
      }
    }
    pieces = kept.toArray(ByteBuffer[]::new);
    views = new UnsafeBuffer[pieces.length];
    starts = new long[pieces.length];
    long start = 0;
    for (int i = 0; i < pieces.length; i++) {
      views[i] = new UnsafeBuffer(pieces[i], 0, pieces[i].capacity());
      starts[i] = start;
      start += pieces[i].capacity();
    }
    length = start;
  }

  /**
   * The bytes of the buffers one behind the other, each from position to limit.
   *
   * @param parts viewed, not copied; direct ones are sent without a detour
   */
  public static Segments of(List<ByteBuffer> parts) {
    return new Segments(parts);
  }

  /** Number of bytes. */
  public long length() {
    return length;
  }

  /** The pieces in order, as views that are the caller's to move. */
  public List<ByteBuffer> pieces() {
    var copies = new ArrayList<ByteBuffer>();
    for (ByteBuffer piece : pieces) {
      copies.add(piece.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    }
    return copies;
  }

  /**
   * Bytes as one little-endian buffer: a view where they lie in one piece, else a copy.
   *
   * @throws IndexOutOfBoundsException if they are not all there
   */
  public ByteBuffer slice(long offset, int count) {
    requireInside(offset, count);
    if (count == 0) {
      return ByteBuffer.allocate(0);
    }
    int piece = pieceAt(offset);
    int inPiece = (int) (offset - starts[piece]);
    if (inPiece + (long) count <= pieces[piece].capacity()) {
      return pieces[piece].slice(inPiece, count).order(ByteOrder.LITTLE_ENDIAN);
    }
    ByteBuffer copy = ByteBuffer.allocateDirect(count).order(ByteOrder.LITTLE_ENDIAN);
    read(offset, new UnsafeBuffer(copy), 0, count);
    return copy;
  }

  /** Copies bytes out. */
  void read(long offset, MutableDirectBuffer target, int index, int count) {
    requireInside(offset, count);
    int piece = pieceAt(offset);
    int inPiece = (int) (offset - starts[piece]);
    int done = 0;
    while (done < count) {
      int part = Math.min(count - done, views[piece].capacity() - inPiece);
      target.putBytes(index + done, views[piece], inPiece, part);
      done += part;
      piece++;
      inPiece = 0;
    }
  }

  /** Copies bytes in. */
  void write(long offset, DirectBuffer source, int index, int count) {
    requireInside(offset, count);
    int piece = pieceAt(offset);
    int inPiece = (int) (offset - starts[piece]);
    int done = 0;
    while (done < count) {
      int part = Math.min(count - done, views[piece].capacity() - inPiece);
      views[piece].putBytes(inPiece, source, index + done, part);
      done += part;
      piece++;
      inPiece = 0;
    }
  }

  private void requireInside(long offset, int count) {
    if (offset < 0 || count < 0 || offset + count > length) {
      throw new IndexOutOfBoundsException(
          "bytes [%d, %d) of %d".formatted(offset, offset + count, length));
    }
  }

  private int pieceAt(long offset) {
    int at = java.util.Arrays.binarySearch(starts, offset);
    return at >= 0 ? at : -at - 2;
  }
}
