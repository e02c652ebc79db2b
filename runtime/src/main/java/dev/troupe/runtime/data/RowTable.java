package dev.troupe.runtime.data;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows of texts by column, kept as UTF-8 in a few large arrays: a row costs its text, two bytes for
 * each field and eight for its place. Filled by one thread, then read by many.
 */
final class RowTable {
  private static final int CHUNK = 1 << 22;
  private static final int VARINT = 5;

  private final List<byte[]> chunks = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final Map<String, Integer> numberOfName = new LinkedHashMap<>();
  private final List<String> origins = new ArrayList<>();
  private long[] starts = new long[1024];
  private int size;
  private int end = CHUNK;

  /** A row with where it was written. */
  record Row(String origin, int line, Map<String, String> fields) {}

  int size() {
    return size;
  }

  /** Begins the rows of a file. */
  void from(String origin) {
    origins.add(origin);
  }

  /** Adds a row of the latest origin. */
  void add(int line, Map<String, String> fields) {
    byte[][] values = new byte[fields.size()][];
    int bytes = 3 * VARINT;
    int next = 0;
    for (String value : fields.values()) {
      values[next] = value.getBytes(StandardCharsets.UTF_8);
      bytes += 2 * VARINT + values[next++].length;
    }
    byte[] chunk = room(bytes);
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, size + (size >> 1));
    }
    starts[size++] = (long) (chunks.size() - 1) << Integer.SIZE | end;
    int at = write(chunk, end, origins.size() - 1);
    at = write(chunk, at, line);
    at = write(chunk, at, values.length);
    next = 0;
    for (String name : fields.keySet()) {
      byte[] value = values[next++];
      at = write(chunk, at, number(name));
      at = write(chunk, at, value.length);
      System.arraycopy(value, 0, chunk, at, value.length);
      at += value.length;
    }
    end = at;
  }

  private int number(String name) {
    Integer number = numberOfName.get(name);
    if (number == null) {
      number = names.size();
      numberOfName.put(name, number);
      names.add(name);
    }
    return number;
  }

  private byte[] room(int bytes) {
    byte[] last = chunks.isEmpty() ? null : chunks.get(chunks.size() - 1);
    if (last == null || last.length - end < bytes) {
      last = new byte[Math.max(CHUNK, bytes)];
      chunks.add(last);
      end = 0;
    }
    return last;
  }

  /** The row at an index. */
  Row get(int index) {
    if (index >= size) {
      throw new IndexOutOfBoundsException("row " + index + " of " + size);
    }
    long start = starts[index];
    var in = new Reading(chunks.get((int) (start >>> Integer.SIZE)), (int) start);
    String origin = origins.get(in.number());
    int line = in.number();
    int count = in.number();
    var fields = new LinkedHashMap<String, String>(2 * count);
    for (int i = 0; i < count; i++) {
      String name = names.get(in.number());
      fields.put(name, in.text(in.number()));
    }
    return new Row(origin, line, fields);
  }

  /** Seven bits a byte, the low ones first; the high bit says that more follow. */
  private static int write(byte[] chunk, int at, int number) {
    int rest = number;
    int next = at;
    while (rest >= 0x80) {
      chunk[next++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    chunk[next++] = (byte) rest;
    return next;
  }

  private static final class Reading {
    private final byte[] chunk;
    private int at;

    Reading(byte[] chunk, int at) {
      this.chunk = chunk;
      this.at = at;
    }

    int number() {
      int number = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = chunk[at++];
        number |= (next & 0x7F) << shift;
        if (next >= 0) {
          return number;
        }
      }
    }

    String text(int length) {
      var text = new String(chunk, at, length, StandardCharsets.UTF_8);
      at += length;
      return text;
    }
  }
}
