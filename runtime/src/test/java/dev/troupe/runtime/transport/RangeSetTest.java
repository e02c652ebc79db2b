package dev.troupe.runtime.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.transport.RangeSet.Range;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RangeSetTest {
  private final RangeSet set = new RangeSet();

  @Test
  void anEmptySetLacksEverything() {
    assertEquals(List.of(new Range(0, 10)), set.missing(10, 4));
    assertEquals(List.of(), set.missing(0, 4));
  }

  @Test
  void joinsWhatTouchesOrOverlaps() {
    set.add(0, 4);
    set.add(8, 12);
    set.add(4, 8);
    set.add(2, 10);

    assertEquals(12, set.size());
    assertTrue(set.contains(0, 12));
    assertFalse(set.contains(0, 13));
    assertEquals(List.of(new Range(12, 20)), set.missing(20, 4));
  }

  @Test
  void tellsAtMostAsManyGapsAsAreAskedFor() {
    set.add(2, 3);
    set.add(5, 6);

    assertEquals(List.of(new Range(0, 2), new Range(3, 5)), set.missing(9, 2));
    assertEquals(List.of(new Range(0, 2), new Range(3, 5), new Range(6, 9)), set.missing(9, 3));
  }

  @Test
  void agreesWithASetOfBitsOnRandomRanges() {
    var random = new Random(11);
    for (int trial = 0; trial < 200; trial++) {
      var ranges = new RangeSet();
      var bits = new BitSet();
      for (int i = 0; i < 30; i++) {
        int from = random.nextInt(100);
        int to = from + 1 + random.nextInt(20);
        ranges.add(from, to);
        bits.set(from, to);
        assertEquals(bits.cardinality(), ranges.size());
      }
      var gaps = new BitSet();
      ranges.missing(120, 120).forEach(gap -> gaps.set((int) gap.from(), (int) gap.to()));
      bits.flip(0, 120);
      assertEquals(bits, gaps);
    }
  }

  @Test
  void refusesAnEmptyRange() {
    assertThrows(IllegalArgumentException.class, () -> new Range(3, 3));
  }
}
