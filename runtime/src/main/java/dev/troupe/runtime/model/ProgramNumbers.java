package dev.troupe.runtime.model;

/** A decoder's configuration as the numbers that tensor programs take, see {@code decoder.py}. */
final class ProgramNumbers {
  private static final int FIRST_WINDOW = 8;

  private ProgramNumbers() {}

  static int[] shape(DecoderConfig config) {
    int[] shape = new int[FIRST_WINDOW + config.layers()];
    shape[0] = config.layers();
    shape[1] = config.heads();
    shape[2] = config.kvHeads();
    shape[3] = config.headSize();
    shape[4] = config.feedForward();
    shape[5] = config.rotated();
    shape[6] = config.traits().norm().ordinal();
    shape[7] = config.traits().feedForward().ordinal();
    for (int layer = 0; layer < config.layers(); layer++) {
      shape[FIRST_WINDOW + layer] = config.traits().window(layer);
    }
    return shape;
  }

  static double[] real(DecoderConfig config) {
    return new double[] {
      config.normEpsilon(),
      config.attentionScale(),
      config.traits().attentionCap(),
      config.traits().logitCap(),
      config.embeddingFactor()
    };
  }
}
