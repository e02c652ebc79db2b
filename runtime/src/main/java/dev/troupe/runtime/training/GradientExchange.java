package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.training.ParameterPieces.Share;
import dev.troupe.runtime.transport.Circle;
import dev.troupe.runtime.transport.Segments;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How several learners take one optimizer step together (Rajbhandari et al. 2020, ZeRO stage 1).
 * Each computes the gradients of some shards; each adds up, by the same tree as one learner alone,
 * all gradients of its own pieces of the parameters; each updates these; and all take the updated
 * pieces of the others. Three exchanges a step: gradients, norms, weights.
 *
 * <p>Every learner makes the same calls in the same order.
 */
final class GradientExchange {
  private final Circle circle;
  private final Accelerator accelerator;
  private final DecoderWeights masters;
  private final ParameterPieces pieces;
  private final Share own;

  GradientExchange(Circle circle, DecoderWeights masters, ParameterPieces pieces) {
    this.circle = circle;
    this.accelerator = masters.accelerator();
    this.masters = masters;
    this.pieces = pieces;
    this.own = pieces.of(circle.rank(), circle.size());
  }

  /** The pieces that this learner updates. */
  Share own() {
    return own;
  }

  private Share share(int rank) {
    return pieces.of(rank, circle.size());
  }

  /** The shards that this learner computes; empty if there are fewer shards than learners. */
  Optional<ShardRange> range(int shards) {
    int from = (int) ((long) shards * circle.rank() / circle.size());
    int to = (int) ((long) shards * (circle.rank() + 1) / circle.size());
    return from == to ? Optional.empty() : Optional.of(new ShardRange(from, to));
  }

  /** A node of the tree of shards, with the values of this learner's own pieces. */
  private record Node(ShardRange range, StepTotals totals, NDArray[] values) {}

  /**
   * Adds up the gradients of all learners.
   *
   * @param tree this learner's shards; belongs to the result unless this fails
   */
  StepGradient reduce(ShardTree tree) {
    NDManager scope = accelerator.manager().newSubManager();
    var taken = new ArrayList<Circle.Taken>();
    boolean succeeded = false;
    try {
      List<GradientSum> computed = tree.nodes();
      give(scope, computed, taken);
      Node whole =
          accelerator.exclusively(
              () -> {
                Map<ShardRange, Node> nodes = nodes(scope, computed, taken);
                int span = Integer.highestOneBit(Math.max(1, 2 * tree.shards() - 1));
                return sum(nodes, 0, span, tree.shards());
              });
      succeeded = true;
      Runnable close =
          () -> {
            scope.close();
            close(taken);
            tree.close();
          };
      return new StepGradient(whole.totals(), whole.values(), close, close);
    } finally {
      if (!succeeded) {
        scope.close();
        close(taken);
      }
    }
  }

  private void give(NDManager scope, List<GradientSum> computed, List<Circle.Taken> taken) {
    var giving = new ArrayList<Segments>();
    for (int rank = 0; rank < circle.size(); rank++) {
      giving.add(rank == circle.rank() ? null : gradients(scope, computed, share(rank)));
    }
    taken.addAll(circle.swap("its gradient", giving));
  }

  private Map<ShardRange, Node> nodes(
      NDManager scope, List<GradientSum> computed, List<Circle.Taken> taken) {
    Map<ShardRange, Node> nodes = new HashMap<>();
    for (GradientSum sum : computed) {
      put(nodes, new Node(sum.range(), sum.totals(), pieces.views(scope, sum.sums(), own)));
    }
    for (Circle.Taken one : taken) {
      if (one != null) {
        read(one, scope).forEach(node -> put(nodes, node));
      }
    }
    return nodes;
  }

  private static void put(Map<ShardRange, Node> nodes, Node node) {
    if (nodes.put(node.range(), node) != null) {
      throw new IllegalStateException(
          "two learners computed shards %d to %d"
              .formatted(node.range().from(), node.range().to() - 1));
    }
  }

  private Segments gradients(NDManager scope, List<GradientSum> nodes, Share share) {
    var bytes = new ArrayList<ByteBuffer>();
    bytes.add(TotalsCodec.write(nodes));
    for (GradientSum node : nodes) {
      bytes.addAll(bytes(pieces.views(scope, node.sums(), share)));
    }
    return Segments.of(bytes);
  }

  /** On a CPU where they are, elsewhere copies. */
  private static List<ByteBuffer> bytes(NDArray[] values) {
    var bytes = new ArrayList<ByteBuffer>();
    for (NDArray value : values) {
      bytes.add(value.toByteBuffer(true));
    }
    return bytes;
  }

  private List<Node> read(Circle.Taken taken, NDManager scope) {
    List<TotalsCodec.Head> heads = TotalsCodec.read(taken);
    long at = TotalsCodec.end(taken);
    var nodes = new ArrayList<Node>();
    for (TotalsCodec.Head head : heads) {
      nodes.add(new Node(head.range(), head.totals(), values(taken, at, own, scope)));
      at += pieces.bytes(own);
    }
    return nodes;
  }

  /** What was taken as arrays; on a CPU they are where the bytes are. */
  private NDArray[] values(Circle.Taken taken, long start, Share share, NDManager scope) {
    var values = new NDArray[share.size()];
    long at = start;
    for (int i = 0; i < values.length; i++) {
      ParameterPieces.Piece piece = pieces.get(share.from() + i);
      ByteBuffer bytes = taken.slice(at, piece.bytes());
      Shape shape =
          piece.isWhole() ? masters.arrays()[piece.slot()].getShape() : new Shape(piece.size());
      values[i] = scope.create(bytes, shape, DataType.FLOAT32);
      at += piece.bytes();
    }
    return values;
  }

  /** The node of some shards: as it came, or its halves added. */
  private Node sum(Map<ShardRange, Node> nodes, int from, int span, int shards) {
    var range = new ShardRange(from, Math.min(from + span, shards));
    Node there = nodes.get(range);
    if (there != null) {
      return there;
    }
    if (span == 1) {
      throw new IllegalStateException("no learner computed shard " + from);
    }
    int middle = from + span / 2;
    Node left = sum(nodes, from, span / 2, shards);
    if (middle >= shards) {
      return left;
    }
    Node right = sum(nodes, middle, span / 2, shards);
    if (own.size() > 0) {
      accelerator.program().call("add", left.values(), right.values()).close();
    }
    return new Node(range, left.totals().plus(right.totals()), left.values());
  }

  /**
   * The norms of all pieces.
   *
   * @param norms of the own ones
   */
  double[] norms(double[] norms) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Double.BYTES * norms.length).order(ByteOrder.LITTLE_ENDIAN);
    for (double norm : norms) {
      bytes.putDouble(norm);
    }
    bytes.flip();
    List<Circle.Taken> taken =
        circle.share("the norm of its gradient", Segments.of(List.of(bytes)));
    try {
      double[] all = new double[pieces.count()];
      for (int rank = 0; rank < circle.size(); rank++) {
        Share share = share(rank);
        Circle.Taken theirs = taken.get(rank);
        for (int i = 0; i < share.size(); i++) {
          all[share.from() + i] =
              theirs == null
                  ? norms[i]
                  : theirs.slice((long) Double.BYTES * i, Double.BYTES).getDouble();
        }
      }
      return all;
    } finally {
      close(taken);
    }
  }

  /** Gives the own pieces of the weights, which were updated, and takes those of the others. */
  void spread() {
    try (NDManager scope = accelerator.manager().newSubManager()) {
      NDArray[] weights = masters.arrays();
      List<Circle.Taken> taken =
          circle.share(
              "its part of the weights", Segments.of(bytes(pieces.views(scope, weights, own))));
      try {
        accelerator.exclusively(
            () -> {
              for (int rank = 0; rank < circle.size(); rank++) {
                Circle.Taken theirs = taken.get(rank);
                if (theirs != null && share(rank).size() > 0) {
                  NDArray[] targets = pieces.views(scope, weights, share(rank));
                  NDArray[] values = values(theirs, 0, share(rank), scope);
                  accelerator.program().call("assign", targets, values).close();
                }
              }
              return null;
            });
      } finally {
        close(taken);
      }
    }
  }

  /**
   * Gives the lead the moments of the own pieces, for a checkpoint.
   *
   * @param moments unchanged until the next step's gradient is known
   */
  void contribute(List<NDArray[]> moments) {
    var bytes = new ArrayList<ByteBuffer>();
    moments.forEach(values -> bytes.addAll(bytes(values)));
    circle.contribute(0, Segments.of(bytes));
  }

  /**
   * Takes what the others {@linkplain #contribute contribute}; for the lead.
   *
   * @param kinds of moments there are
   * @return for each piece its bytes of each kind; null for the own pieces
   */
  List<List<ByteBuffer>> collect(int kinds) {
    List<Circle.Taken> taken = circle.collect("its part of the optimizer's state");
    try {
      var all = new ArrayList<List<ByteBuffer>>();
      for (int rank = 0; rank < circle.size(); rank++) {
        Share share = share(rank);
        for (int i = 0; i < share.size(); i++) {
          all.add(taken.get(rank) == null ? null : new ArrayList<>());
        }
        if (taken.get(rank) != null) {
          long at = 0;
          for (int kind = 0; kind < kinds; kind++) {
            for (int i = share.from(); i < share.to(); i++) {
              int count = pieces.get(i).bytes();
              all.get(i).add(copy(taken.get(rank).slice(at, count)));
              at += count;
            }
          }
        }
      }
      return all;
    } finally {
      close(taken);
    }
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN).put(bytes).flip();
  }

  /** Whether this learner writes the checkpoints. */
  boolean isLead() {
    return circle.rank() == 0;
  }

  private static void close(List<Circle.Taken> taken) {
    for (Circle.Taken one : taken) {
      if (one != null) {
        one.close();
      }
    }
  }
}
