package dev.troupe.runtime.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Sets of byte positions as ranges that neither overlap nor touch. */
final class RangeSet {

  /** Positions from {@code from} to before {@code to}, at least one. */
  record Range(long from, long to) {
    Range {
      if (from < 0 || to <= from) {
        throw new IllegalArgumentException("range [" + from + ", " + to + ") is empty or negative");
      }
    }

    long length() {
      return to - from;
    }
  }

  private final TreeMap<Long, Long> ranges = new TreeMap<>();
  private long size;

  /** Puts positions in; those that are there already stay. */
  void add(long from, long to) {
    long start = from;
    long end = to;
    Map.Entry<Long, Long> before = ranges.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      start = before.getKey();
    }
    Map.Entry<Long, Long> next = ranges.ceilingEntry(start);
    while (next != null && next.getKey() <= end) {
      end = Math.max(end, next.getValue());
      size -= next.getValue() - next.getKey();
      ranges.remove(next.getKey());
      next = ranges.ceilingEntry(start);
    }
    ranges.put(start, end);
    size += end - start;
  }

  boolean contains(long from, long to) {
    Map.Entry<Long, Long> before = ranges.floorEntry(from);
    return before != null && before.getValue() >= to;
  }

  /** How many positions are in the set. */
  long size() {
    return size;
  }

  /** The ranges that are not in the set, in order. */
  List<Range> missing(long length, int limit) {
    var missing = new ArrayList<Range>();
    long from = 0;
    for (Map.Entry<Long, Long> range : ranges.entrySet()) {
      if (missing.size() == limit || range.getKey() >= length) {
        break;
      }
      if (range.getKey() > from) {
        missing.add(new Range(from, range.getKey()));
      }
      from = range.getValue();
    }
    if (missing.size() < limit && from < length) {
      missing.add(new Range(from, length));
    }
    return missing;
  }

  void clear() {
    ranges.clear();
    size = 0;
  }
}
