package dev.troupe.runtime.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.TinyDecoders;
import dev.troupe.runtime.training.ParameterPieces.Piece;
import dev.troupe.runtime.training.ParameterPieces.Share;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ParameterPiecesTest {
  private static final DecoderConfig CONFIG = TinyDecoders.llama();
  private static Accelerator accelerator;

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  @Test
  void everyElementBelongsToOnePieceAndEveryPieceToOneLearner() {
    try (DecoderWeights weights = DecoderWeights.random(accelerator, CONFIG, 1)) {
      var pieces = new ParameterPieces(weights, 192);
      long elements = 0;
      for (int i = 0; i < pieces.count(); i++) {
        Piece piece = pieces.get(i);
        assertTrue(piece.size() <= 192);
        elements += piece.size();
      }
      assertEquals(CONFIG.parameters(), elements);
      for (int learners = 1; learners <= 5; learners++) {
        int next = 0;
        for (int rank = 0; rank < learners; rank++) {
          Share share = pieces.of(rank, learners);
          assertEquals(next, share.from());
          next = share.to();
          long expected = Float.BYTES * elements / learners;
          assertEquals(expected, pieces.bytes(share), 192 * Float.BYTES, learners + " learners");
        }
        assertEquals(pieces.count(), next);
      }
    }
  }

  @Test
  void aPieceIsUpdatedLikeTheArrayThatItIsAPartOf() {
    assertEquals(updated(1 << 20), updated(64));
  }

  /** Digests of weights and moments after two steps. */
  private static String updated(int mostElements) {
    TrainerSettings settings = TrainerSettings.of(LearningRate.constant(1e-2));
    try (DecoderWeights weights = DecoderWeights.random(accelerator, CONFIG, 1);
        NDManager scope = accelerator.manager().newSubManager()) {
      var pieces = new ParameterPieces(weights, mostElements);
      var optimizer = new OptimizerState(weights, pieces, Optional.empty(), scope);
      for (int step = 0; step < 2; step++) {
        var random = new Random(step);
        NDArray[] slots = weights.arrays();
        NDArray[] gradient = new NDArray[slots.length];
        for (int slot = 0; slot < slots.length; slot++) {
          float[] values = new float[Math.toIntExact(slots[slot].size())];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
          }
          gradient[slot] = scope.create(values, slots[slot].getShape()).duplicate();
        }
        NDArray[] own = pieces.views(scope, gradient, pieces.all());
        optimizer.clip(own, 3, 1);
        optimizer.update(own, 1e-2, settings);
      }
      return weights.digest() + WeightsDigest.of(optimizer.toHost());
    }
  }
}
