package dev.troupe.runtime.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.program.TensorProgram;
import dev.troupe.runtime.training.ParameterPieces.Piece;
import dev.troupe.runtime.training.ParameterPieces.Share;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * AdamW's moments and step counters for the trainable weights (Loshchilov and Hutter 2019). Of
 * several learners each has those of its own pieces of the parameters.
 */
public final class OptimizerState {
  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";

  private final DecoderWeights masters;
  private final ParameterPieces pieces;
  private final Optional<GradientExchange> exchange;
  private final Share own;
  private final NDArray[] weights;
  private final NDArray[] first;
  private final NDArray[] second;
  private final NDArray[] counters;
  private long steps;

  /**
   * @param exchange with the other learners, if there are any
   * @param manager owns the state
   */
  OptimizerState(
      DecoderWeights masters,
      ParameterPieces pieces,
      Optional<GradientExchange> exchange,
      NDManager manager) {
    this.masters = masters;
    this.pieces = pieces;
    this.exchange = exchange;
    this.own = exchange.map(GradientExchange::own).orElseGet(pieces::all);
    this.weights = pieces.views(manager, masters.arrays(), own);
    this.first = new NDArray[weights.length];
    this.second = new NDArray[weights.length];
    this.counters = new NDArray[weights.length];
    for (int i = 0; i < weights.length; i++) {
      first[i] = manager.zeros(weights[i].getShape());
      second[i] = manager.zeros(weights[i].getShape());
      counters[i] = manager.zeros(new Shape());
    }
  }

  /** Steps taken. */
  public long steps() {
    return steps;
  }

  /**
   * The moments in host memory, under the names of their weights with a prefix. With several
   * learners this takes theirs, which they give by {@link Trainer#assist} at the same time.
   */
  public List<HostTensor> toHost() {
    Optional<List<List<ByteBuffer>>> others = exchange.map(it -> it.collect(2));
    var tensors = new ArrayList<HostTensor>();
    for (int start = 0; start < pieces.count(); ) {
      int end = start + 1;
      while (end < pieces.count() && pieces.get(end).slot() == pieces.get(start).slot()) {
        end++;
      }
      tensors.addAll(toHost(start, end, 0, first, FIRST, others));
      tensors.addAll(toHost(start, end, 1, second, SECOND, others));
      start = end;
    }
    return tensors;
  }

  /** The moments of one slot, which has these pieces. */
  private List<HostTensor> toHost(
      int from,
      int to,
      int kind,
      NDArray[] moments,
      String prefix,
      Optional<List<List<ByteBuffer>>> others) {
    int slot = pieces.get(from).slot();
    int size = pieces.get(to - 1).to() * Float.BYTES;
    ByteBuffer all = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (int piece = from; piece < to; piece++) {
      boolean isOwn = own.from() <= piece && piece < own.to();
      all.put(
          isOwn
              ? moments[piece - own.from()].toByteBuffer()
              : others.orElseThrow().get(piece).get(kind));
    }
    return masters.unstack(slot, all.flip(), prefix);
  }

  /** Gives the learner that writes a checkpoint what it asks for in {@link #toHost}. */
  void assist() {
    exchange.orElseThrow().contribute(List.of(first, second));
  }

  /**
   * Takes the moments and the step count of a checkpoint.
   *
   * @throws IllegalArgumentException if a moment is missing
   */
  public void restore(Map<String, HostTensor> tensors, long stepsTaken) {
    for (int i = 0; i < weights.length; i++) {
      Piece piece = pieces.get(own.from() + i);
      restore(piece, first[i], FIRST, tensors);
      restore(piece, second[i], SECOND, tensors);
      counters[i].set(new float[] {stepsTaken});
    }
    steps = stepsTaken;
  }

  private void restore(
      Piece piece, NDArray moments, String prefix, Map<String, HostTensor> tensors) {
    if (piece.isWhole()) {
      masters.restack(piece.slot(), moments, prefix, tensors);
      return;
    }
    try (NDManager scope = masters.accelerator().manager().newSubManager()) {
      NDArray all = scope.zeros(masters.arrays()[piece.slot()].getShape());
      masters.restack(piece.slot(), all, prefix, tensors);
      program()
          .call("assign", new NDArray[] {moments}, new NDArray[] {view(scope, all, piece)})
          .close();
    }
  }

  private NDArray view(NDManager scope, NDArray array, Piece piece) {
    return program().call("piece", array, piece.from(), piece.size()).tensor(scope);
  }

  private TensorProgram program() {
    return masters.accelerator().program();
  }

  /**
   * The norm of the gradient of each own piece. Every piece's norm is taken by one thread, so that
   * the number of threads does not show.
   *
   * @param gradient values of the own pieces
   */
  double[] norms(NDArray[] gradient) {
    double[] norms = new double[gradient.length];
    inLanes(
        0,
        norms.length,
        share -> {
          try (NDManager scope = masters.accelerator().manager().newSubManager()) {
            for (int piece : share) {
              norms[piece] = program().call("norm", gradient[piece]).tensor(scope).getFloat();
            }
          }
        });
    return norms;
  }

  /**
   * Works on pieces side by side with one thread each. So the calling thread never wakes others of
   * its own for a large array, which would then wait busily and take a core from the next lanes.
   */
  private void inLanes(int from, int to, Consumer<int[]> work) {
    Accelerator accelerator = masters.accelerator();
    int lanes = Math.min(accelerator.lanes(), to - from);
    var shares = new ArrayList<Runnable>(lanes);
    for (int lane = 0; lane < lanes; lane++) {
      int begin = from + lane;
      int[] share = IntStream.iterate(begin, piece -> piece < to, piece -> piece + lanes).toArray();
      shares.add(() -> work.accept(share));
    }
    accelerator.inLanes(shares);
  }

  /** The norm of a gradient from those of all pieces, in their order. */
  static double norm(double[] norms) {
    double squares = 0;
    for (double norm : norms) {
      squares += norm * norm;
    }
    return Math.sqrt(squares);
  }

  /**
   * Scales the gradient down to a global norm.
   *
   * @param gradient values of the own pieces
   * @param norm what the whole has before, together with whatever is clipped with it
   */
  void clip(NDArray[] gradient, double norm, double maxNorm) {
    inLanes(
        0,
        gradient.length,
        share -> {
          try (NDManager scope = masters.accelerator().manager().newSubManager()) {
            NDArray total = scope.create((float) norm);
            program().call("clip", pick(gradient, share), total, maxNorm).close();
          }
        });
  }

  /** Takes one step with the gradient of the own pieces and makes zeros of it. */
  void update(NDArray[] gradient, double rate, TrainerSettings settings) {
    int decayed = Math.min(Math.max(pieces.decayed() - own.from(), 0), own.size());
    adamw(gradient, 0, decayed, rate, settings, settings.weightDecay());
    adamw(gradient, decayed, own.size(), rate, settings, 0);
    steps++;
  }

  private void adamw(
      NDArray[] gradient, int from, int to, double rate, TrainerSettings settings, double decay) {
    inLanes(
        from,
        to,
        share ->
            program()
                .call(
                    "adamw",
                    pick(weights, share),
                    pick(gradient, share),
                    pick(first, share),
                    pick(second, share),
                    pick(counters, share),
                    rate,
                    settings.beta1(),
                    settings.beta2(),
                    settings.epsilon(),
                    decay)
                .close());
  }

  private static NDArray[] pick(NDArray[] arrays, int[] indices) {
    return IntStream.of(indices).mapToObj(i -> arrays[i]).toArray(NDArray[]::new);
  }
}
