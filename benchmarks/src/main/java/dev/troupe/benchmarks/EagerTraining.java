package dev.troupe.benchmarks;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.EagerDecoder;
import java.util.Map;

/**
 * A training step in plain DJL: {@link GradientCollector} through the eager decoder's logits,
 * clipping to norm 1 and DJL's AdamW. The baseline of training.
 */
final class EagerTraining implements AutoCloseable {
  private static final float RATE = 1e-4f;

  private final EagerDecoder decoder;
  private final Optimizer optimizer =
      Optimizer.adamW()
          .optLearningRateTracker(Tracker.fixed(RATE))
          .optBeta1(0.9f)
          .optBeta2(0.95f)
          .optWeightDecays(0f)
          .build();

  EagerTraining(DecoderWeights weights) {
    decoder = new EagerDecoder(weights);
    decoder.requireGradients();
  }

  /**
   * One step on the mean cross-entropy.
   *
   * @param tokens inputs, (rows, T)
   * @param targets the token that follows each of them
   * @return the loss before the step
   */
  float step(long[] tokens, long[] targets, int rows) {
    try (NDManager step = decoder.manager().newSubManager()) {
      NDArray tokensBT = step.create(tokens, new Shape(rows, tokens.length / rows));
      NDArray targetsN = step.create(targets, new Shape(targets.length, 1));
      NDArray loss;
      JniUtils.setGradMode(true);
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray logits = decoder.logits(tokensBT);
        long vocabulary = logits.getShape().get(2);
        NDArray logp = logits.reshape(targets.length, vocabulary).logSoftmax(-1);
        loss = logp.gather(targetsN, 1).mean().neg();
        collector.backward(loss);
      } finally {
        JniUtils.setGradMode(false);
      }
      update(step);
      return loss.getFloat();
    }
  }

  private void update(NDManager step) {
    Map<String, NDArray> weights = decoder.weights();
    NDArray squares = null;
    for (NDArray weight : weights.values()) {
      NDArray gradient = weight.getGradient();
      gradient.attach(step);
      NDArray sum = gradient.square().sum();
      squares = squares == null ? sum : squares.add(sum);
    }
    float clip = (float) Math.min(1, 1 / (Math.sqrt(squares.getFloat()) + 1e-6));
    for (Map.Entry<String, NDArray> entry : weights.entrySet()) {
      NDArray gradient = entry.getValue().getGradient();
      gradient.attach(step);
      gradient.muli(clip);
      optimizer.update(entry.getKey(), entry.getValue(), gradient);
      gradient.subi(gradient);
    }
  }

  @Override
  public void close() {
    decoder.close();
  }
}
