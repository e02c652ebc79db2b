package dev.troupe.runtime.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.runtime.program.ProgramValue;

/**
 * Factors of the rotary positions (Su et al. 2021) of one decoder on one device. A decoder whose
 * layers with a window rotate otherwise has two sets of factors, the second for those layers.
 *
 * @param manager owner of the arrays
 * @param tables cosines and sines of each set, float32 (positions, R / 2)
 * @param turns each set as complex numbers (positions, S / 2); not readable from Java
 */
public record Rotary(NDManager manager, NDArray[] tables, NDArray[] turns)
    implements AutoCloseable {

  /**
   * Computes the factors for the decoder's context and some positions beyond it.
   *
   * @param margin further positions
   */
  public static Rotary of(Accelerator accelerator, DecoderConfig config, int margin) {
    NDManager manager = accelerator.manager().newSubManager();
    DecoderTraits traits = config.traits();
    boolean isLocal = traits.localTheta() > 0;
    NDArray[] tables = new NDArray[isLocal ? 4 : 2];
    NDArray[] turns = new NDArray[isLocal ? 2 : 1];
    for (int set = 0; set < turns.length; set++) {
      RopeScaling scaling = set == 0 ? traits.ropeScaling() : RopeScaling.NONE;
      double theta = set == 0 ? config.ropeTheta() : traits.localTheta();
      double[] frequencies = scaling.frequencies(theta, config.rotated(), config.context());
      try (NDArray frequenciesR = manager.create(frequencies)) {
        ProgramValue[] factors =
            accelerator
                .program()
                .call(
                    "rotary",
                    config.context() + margin,
                    config.headSize(),
                    frequenciesR,
                    scaling.magnitude())
                .tuple();
        tables[2 * set] = factors[0].tensor(manager);
        tables[2 * set + 1] = factors[1].tensor(manager);
        turns[set] = factors[2].tensor(manager);
      }
    }
    return new Rotary(manager, tables, turns);
  }

  @Override
  public void close() {
    manager.close();
  }
}
