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

  /** All outputs together; the divergence plays a part where a step has a reference. */
  static final Mix MIX = new Mix(1, 0.5f, 0.3f);

  /**
   * A loss of every output: the sum over response tokens of c (logp share times logp + entropy
   * share times entropy + divergence share times divergence + sum of squared scores), with c that
   * differs by position.
   */
  record Mix(float logp, float entropy, float divergence) {

    NDArray loss(MicroBatch batch) {
      NDManager m = batch.manager();
      int width = batch.width();
      float[] coefficient = new float[batch.rows().length * width];
      for (int b = 0; b < batch.rows().length; b++) {
        for (int t = 0; t < width; t++) {
          coefficient[b * width + t] = coefficient(batch.rows()[b], t);
        }
      }
      NDArray c = m.create(coefficient, batch.maskBT().getShape()).mul(batch.maskBT());
      NDArray loss = term(batch.logpBT(), c, logp).add(term(batch.entropyBT(), c, entropy));
      if (batch.scoresBTC() != null) {
        loss = loss.add(batch.scoresBTC().square().sum(new int[] {-1}).mul(c).sum());
      }
      if (batch.divergenceBT() != null) {
        loss = loss.add(term(batch.divergenceBT(), c, divergence));
      }
      return loss;
    }

    /**
     * The same of sequences at {@link #TEMPERATURE}, by the eager decoder.
     *
     * @param reference null for no divergence
     * @param gradients receives its gradient with respect to every weight, by name
     */
    double step(
        EagerDecoder eager,
        EagerDecoder reference,
        Divergence direction,
        List<TrainingSequence> sequences,
        Map<String, float[]> gradients) {
      eager.requireGradients();
      double total = 0;
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray loss = eager.manager().create(0f);
        for (int i = 0; i < sequences.size(); i++) {
          TrainingSequence s = sequences.get(i);
          NDArray at = states(eager, s);
          NDArray lp = logProbabilities(eager, at);
          NDArray chosen = lp.gather(targets(eager.manager(), s), 1).reshape(-1);
          NDArray entropies = lp.exp().mul(lp).sum(new int[] {-1}).neg();
          float[] c = new float[s.responseLength()];
          for (int t = 0; t < c.length; t++) {
            c[t] = coefficient(i, t);
          }
          NDArray weight = eager.manager().create(c);
          loss = loss.add(term(chosen, weight, logp)).add(term(entropies, weight, entropy));
          if (eager.weight("score.weight") != null) {
            NDArray score =
                at.matMul(eager.weight("score.weight").transpose()).add(eager.weight("score.bias"));
            loss = loss.add(score.square().sum(new int[] {-1}).mul(weight).sum());
          }
          if (reference != null) {
            NDArray lq = logProbabilities(reference, states(reference, s));
            loss = loss.add(term(divergences(lp, lq, direction), weight, divergence));
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

    private static NDArray term(NDArray values, NDArray coefficients, float share) {
      return values.mul(coefficients).sum().mul(values.getManager().create(share));
    }
  }

  /** {@link #MIX} of a micro-batch. */
  static NDArray mixedLoss(MicroBatch batch) {
    return MIX.loss(batch);
  }

  private static float coefficient(int row, int t) {
    return (row % 2 == 0 ? 1 : -0.5f) * (0.1f + 0.05f * t);
  }

  /** {@link #MIX} without a reference, by the eager decoder. */
  static double mixedStep(
      EagerDecoder eager, List<TrainingSequence> sequences, Map<String, float[]> gradients) {
    return MIX.step(eager, null, null, sequences, gradients);
  }

  /** The states before each response token, (K, D). */
  static NDArray states(EagerDecoder eager, TrainingSequence s) {
    NDArray hidden = eager.hidden(inputs(eager.manager(), s));
    return hidden.get(":," + (s.promptLength() - 1) + ":").reshape(s.responseLength(), -1);
  }

  /** Log-probabilities of the whole vocabulary at {@link #TEMPERATURE}, (K, V). */
  static NDArray logProbabilities(EagerDecoder eager, NDArray statesKD) {
    NDArray temperature = eager.manager().create((float) TEMPERATURE);
    return eager.head(statesKD).div(temperature).logSoftmax(-1);
  }

  /** Divergence of each row, (K). */
  static NDArray divergences(NDArray lp, NDArray lq, Divergence direction) {
    return direction == Divergence.REFERENCE_TO_POLICY
        ? lq.exp().mul(lq.sub(lp)).sum(new int[] {-1})
        : lp.exp().mul(lp.sub(lq)).sum(new int[] {-1});
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
