package dev.troupe.runtime.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.program.ProgramValue;

/**
 * Factors of the rotary positions (Su et al. 2021) of one decoder on one device.
 *
 * @param manager owner of the three arrays
 * @param cos cosines, float32 (positions, S / 2)
 * @param sin sines, float32 (positions, S / 2)
 * @param turns both as complex numbers; not readable from Java
 */
public record Rotary(NDManager manager, NDArray cos, NDArray sin, NDArray turns)
    implements AutoCloseable {

  /**
   * Computes the factors for the decoder's context and some positions beyond it.
   *
   * @param margin further positions
   */
  public static Rotary of(Accelerator accelerator, DecoderConfig config, int margin) {
    NDManager manager = accelerator.manager().newSubManager();
    try (NDArray like = manager.zeros(new Shape(1))) {
      ProgramValue[] tables =
          accelerator
              .program()
              .call(
                  "rotary", config.context() + margin, config.headSize(), config.ropeTheta(), like)
              .tuple();
      return new Rotary(
          manager, tables[0].tensor(manager), tables[1].tensor(manager), tables[2].tensor(manager));
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
