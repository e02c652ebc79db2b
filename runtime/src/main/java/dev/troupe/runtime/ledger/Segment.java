package dev.troupe.runtime.ledger;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One file of a ledger: entries one after another, only ever appended to. */
final class Segment implements Closeable {

  /**
   * What reading a segment found.
   *
   * @param entries the undamaged ones, in the order of the file
   * @param damagedBytes bytes between them that are no entry
   * @param tornBytes bytes after the last of them: the write that a crash cut off
   */
  record Contents(List<LedgerEntry.Found> entries, long damagedBytes, long tornBytes) {}

  private final Path file;
  private final FileChannel channel;
  private long end;

  private Segment(Path file, FileChannel channel, long end) {
    this.file = file;
    this.channel = channel;
    this.end = end;
  }

  static Segment create(Path file) throws IOException {
    return new Segment(
        file,
        FileChannel.open(
            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
        0);
  }

  static Segment open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new Segment(file, channel, channel.size());
  }

  /** Reads everything and drops what a crash has left at the end. */
  Contents recover() throws IOException {
    Contents contents = scan(read(0, Math.toIntExact(end)));
    if (contents.tornBytes() > 0) {
      end -= contents.tornBytes();
      channel.truncate(end);
      channel.force(true);
    }
    return contents;
  }

  /** What there is in the bytes of a segment. */
  static Contents scan(ByteBuffer bytes) {
    var entries = new ArrayList<LedgerEntry.Found>();
    long good = 0;
    int position = 0;
    int afterLast = 0;
    while (position < bytes.limit()) {
      Optional<LedgerEntry.Found> found = LedgerEntry.at(bytes, position);
      if (found.isPresent()) {
        entries.add(found.get());
        position += found.get().bytes();
        good += found.get().bytes();
        afterLast = position;
      } else {
        position++; // The next entry is where its marker and checksum say so.
      }
    }
    return new Contents(List.copyOf(entries), afterLast - good, bytes.limit() - afterLast);
  }

  /** Where the entry begins that is written now. What cannot be written whole leaves nothing. */
  long append(ByteBuffer entry) throws IOException {
    long position = end;
    try {
      while (entry.hasRemaining()) {
        end += channel.write(entry, end);
      }
    } catch (IOException e) {
      shorten(position, e);
      throw e;
    }
    return position;
  }

  /** Goes back to an earlier end after a failure. */
  void shorten(long position, IOException cause) {
    end = position;
    try {
      channel.truncate(position);
    } catch (IOException e) {
      cause.addSuppressed(e); // The next opening drops the torn end.
    }
  }

  void force() throws IOException {
    channel.force(false);
  }

  ByteBuffer read(long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new EOFException(file + " ends before byte " + (position + length));
      }
    }
    return bytes.flip();
  }

  Path file() {
    return file;
  }

  long bytes() {
    return end;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
