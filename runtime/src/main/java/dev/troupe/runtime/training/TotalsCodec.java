package dev.troupe.runtime.training;

import dev.troupe.runtime.transport.Circle;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The bytes before the gradients that one learner gives another: their number as a little-endian
 * 32-bit integer, then of each node of the tree of shards which shards it has and what they add up
 * to, padded so that the gradients begin at a multiple of a cache line.
 */
final class TotalsCodec {
  private static final int ALIGNMENT = 64;
  private static final int LONGEST = 1 << 24;

  private TotalsCodec() {}

  /** What is said of a node before its gradient. */
  record Head(ShardRange range, StepTotals totals) {}

  static ByteBuffer write(List<GradientSum> nodes) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.writeInt(nodes.size());
      for (GradientSum node : nodes) {
        out.writeInt(node.range().from());
        out.writeInt(node.range().to());
        StepTotals totals = node.totals();
        out.writeDouble(totals.loss());
        out.writeDouble(totals.entropy());
        out.writeLong(totals.selected());
        out.writeLong(totals.tokens());
        out.writeInt(totals.microBatches());
        numbers(out, totals.tally().sums());
        numbers(out, totals.tally().highest());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int length = (Integer.BYTES + bytes.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return ByteBuffer.allocateDirect(length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(length)
        .put(bytes.toByteArray())
        .rewind();
  }

  private static void numbers(DataOutputStream out, Map<String, Double> numbers)
      throws IOException {
    out.writeInt(numbers.size());
    for (Map.Entry<String, Double> number : numbers.entrySet()) {
      out.writeUTF(number.getKey());
      out.writeDouble(number.getValue());
    }
  }

  /** Bytes of the head; the gradients begin behind it. */
  static int end(Circle.Taken taken) {
    int length = taken.slice(0, Integer.BYTES).getInt();
    if (length < Integer.BYTES || length > LONGEST || length > taken.length()) {
      throw new IllegalStateException("a learner gave a head of " + length + " bytes");
    }
    return length;
  }

  static List<Head> read(Circle.Taken taken) {
    byte[] bytes = new byte[end(taken) - Integer.BYTES];
    taken.slice(Integer.BYTES, bytes.length).get(bytes);
    try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      var heads = new ArrayList<Head>();
      int nodes = in.readInt();
      for (int i = 0; i < nodes; i++) {
        var range = new ShardRange(in.readInt(), in.readInt());
        heads.add(
            new Head(
                range,
                new StepTotals(
                    in.readDouble(),
                    in.readDouble(),
                    in.readLong(),
                    in.readLong(),
                    in.readInt(),
                    Tally.of(numbers(in), numbers(in)))));
      }
      return heads;
    } catch (IOException e) {
      throw new UncheckedIOException("a learner gave an unreadable head", e);
    }
  }

  private static Map<String, Double> numbers(DataInputStream in) throws IOException {
    var numbers = new TreeMap<String, Double>();
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      numbers.put(in.readUTF(), in.readDouble());
    }
    return numbers;
  }
}
