package dev.troupe.runtime.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.EagerDecoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A training step by plain DJL operations and DJL's own back-propagation: what the training program
 * is compared with.
 */
final class EagerTraining {
  static final double TEMPERATURE = 0.7;

  private EagerTraining() {}

  /** Sum of c1 logp + c2 entropy (+ c3 score^2) with coefficients that differ by position. */
  static NDArray mixedLoss(MicroBatch batch) {
    NDManager m = batch.manager();
    int width = batch.width();
    float[] coefficient = new float[batch.rows().length * width];
    for (int b = 0; b < batch.rows().length; b++) {
      for (int t = 0; t < width; t++) {
        coefficient[b * width + t] = coefficient(batch.rows()[b], t);
      }
    }
    NDArray c = m.create(coefficient, batch.maskBT().getShape()).mul(batch.maskBT());
    NDArray loss =
        batch.logpBT().mul(c).sum().add(batch.entropyBT().mul(c).mul(m.create(0.5f)).sum());
    if (batch.scoresBTC() != null) {
      loss = loss.add(batch.scoresBTC().square().sum(new int[] {-1}).mul(c).sum());
    }
    return loss;
  }

  private static float coefficient(int row, int t) {
    return (row % 2 == 0 ? 1 : -0.5f) * (0.1f + 0.05f * t);
  }

  /**
   * The mixed loss of sequences at {@link #TEMPERATURE}.
   *
   * @param gradients receives its gradient with respect to every weight, by name
   */
  static double mixedStep(
      EagerDecoder eager, List<TrainingSequence> sequences, Map<String, float[]> gradients) {
    eager.requireGradients();
    double total = 0;
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray loss = eager.manager().create(0f);
      NDArray temperature = eager.manager().create((float) TEMPERATURE);
      NDArray half = eager.manager().create(0.5f);
      for (int i = 0; i < sequences.size(); i++) {
        TrainingSequence s = sequences.get(i);
        NDArray hidden = eager.hidden(inputs(eager.manager(), s));
        int first = s.promptLength() - 1;
        NDArray at = hidden.get(":," + first + ":").reshape(s.responseLength(), -1);
        NDArray lp = eager.head(at).div(temperature).logSoftmax(-1);
        NDArray chosen = lp.gather(targets(eager.manager(), s), 1).reshape(-1);
        NDArray entropy = lp.exp().mul(lp).sum(new int[] {-1}).neg();
        float[] c = new float[s.responseLength()];
        for (int t = 0; t < c.length; t++) {
          c[t] = coefficient(i, t);
        }
        NDArray weight = eager.manager().create(c);
        loss = loss.add(chosen.mul(weight).sum()).add(entropy.mul(weight).mul(half).sum());
        if (eager.weight("score.weight") != null) {
          NDArray score =
              at.matMul(eager.weight("score.weight").transpose()).add(eager.weight("score.bias"));
          loss = loss.add(score.square().sum(new int[] {-1}).mul(weight).sum());
        }
      }
      collector.backward(loss);
      total = loss.getFloat();
    }
    eager
        .weights()
        .forEach((name, weight) -> gradients.put(name, weight.getGradient().toFloatArray()));
    return total;
  }

  /** All tokens but the last, (1, T). */
  static NDArray inputs(NDManager manager, TrainingSequence s) {
    long[] tokens = new long[s.tokens().length - 1];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = s.tokens()[i];
    }
    return manager.create(tokens, new Shape(1, tokens.length));
  }

  /** The response tokens, (K, 1). */
  static NDArray targets(NDManager manager, TrainingSequence s) {
    long[] targets = new long[s.responseLength()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = s.tokens()[s.promptLength() + i];
    }
    return manager.create(targets, new Shape(targets.length, 1));
  }

  /** AdamW's first moments by the names of the weights: after one step, a tenth of the gradient. */
  static Map<String, float[]> moments(Trainer trainer) {
    var moments = new HashMap<String, float[]>();
    for (HostTensor tensor : trainer.optimizer().toHost()) {
      if (tensor.name().startsWith("exp_avg.")) {
        moments.put(tensor.name().substring("exp_avg.".length()), tensor.toFloats());
      }
    }
    return moments;
  }

  /** The norm of all gradients together. */
  static double norm(Map<String, float[]> gradients) {
    double sum = 0;
    for (float[] gradient : gradients.values()) {
      for (float g : gradient) {
        sum += (double) g * g;
      }
    }
    return Math.sqrt(sum);
  }

  /** Random sequences of different lengths. */
  static List<TrainingSequence> ragged(DecoderConfig config, int rows) {
    var random = new Random(7);
    var sequences = new ArrayList<TrainingSequence>();
    for (int i = 0; i < rows; i++) {
      int[] tokens = random.ints(5 + random.nextInt(12), 0, config.vocabSize()).toArray();
      sequences.add(new TrainingSequence(tokens, 1 + random.nextInt(3)));
    }
    return sequences;
  }
}
