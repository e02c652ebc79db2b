package dev.troupe.runtime.training;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Adds the gradients of the shards of a step in pairs, {@code ((0 + 1) + (2 + 3)) + …}, whatever
 * the order in which they come: two neighbours are added as soon as both are there, and a neighbour
 * that the step does not have is left out. So the sum has the same bits whoever computes a shard.
 *
 * <p>Several threads may add at once. Owns what was added.
 */
public final class ShardTree implements AutoCloseable {
  private final int shards;
  private final SortedMap<Integer, GradientSum> waiting = new TreeMap<>();

  /**
   * @param shards of the step, as {@link Trainer#shards} counts them
   */
  public ShardTree(int shards) {
    this.shards = shards;
  }

  /** How many shards the step has. */
  public int shards() {
    return shards;
  }

  /**
   * Adds a node of the tree: a shard, or what some shards were added up to by such a tree.
   *
   * @throws IllegalArgumentException if the range is no node of this tree, or a part of it was
   *     added before; the sum is then still the caller's
   */
  public void add(GradientSum sum) {
    GradientSum node = sum;
    GradientSum left = meet(node);
    while (left != null) {
      node = left.range().from() < node.range().from() ? left.plus(node) : node.plus(left);
      left = meet(node);
    }
  }

  /** Takes the sibling of a node out; where there is none yet the node waits for it. */
  private synchronized GradientSum meet(GradientSum node) {
    ShardRange range = node.range();
    int span = span(range);
    int sibling = range.from() ^ span;
    GradientSum other = waiting.get(sibling);
    if (other != null && span(other.range()) == span) {
      return waiting.remove(sibling);
    }
    for (GradientSum there : waiting.values()) {
      if (there.range().from() < range.to() && range.from() < there.range().to()) {
        throw new IllegalArgumentException(
            "shards %d to %d were added to the tree before"
                .formatted(range.from(), range.to() - 1));
      }
    }
    waiting.put(range.from(), node);
    return null;
  }

  /**
   * Leaves below the highest node that has just these shards. At the right edge a node stands for
   * its parent too, because there is nothing to be added to it.
   */
  private int span(ShardRange range) {
    int highest = 0;
    for (int span = 1; range.from() % span == 0 && span < 2 * shards; span *= 2) {
      if (Math.min(range.from() + span, shards) == range.to()) {
        highest = span;
      }
    }
    if (highest == 0) {
      throw new IllegalArgumentException(
          "shards %d to %d are no node of a tree of %d"
              .formatted(range.from(), range.to() - 1, shards));
    }
    return highest;
  }

  /** Whether all shards are added. */
  public synchronized boolean isWhole() {
    return waiting.size() == 1 && waiting.get(waiting.firstKey()).range().size() == shards;
  }

  /** What is added so far: nodes without a sibling, in order of their shards. Still owned here. */
  public synchronized List<GradientSum> nodes() {
    return List.copyOf(waiting.values());
  }

  /** Hands out the sum of all shards; the tree is empty then. */
  synchronized GradientSum take() {
    if (!isWhole()) {
      throw new IllegalStateException(
          "of the gradient of %d shards there are only those of %s"
              .formatted(shards, waiting.values().stream().map(GradientSum::range).toList()));
    }
    return waiting.remove(waiting.firstKey());
  }

  @Override
  public synchronized void close() {
    waiting.values().forEach(GradientSum::close);
    waiting.clear();
  }
}
