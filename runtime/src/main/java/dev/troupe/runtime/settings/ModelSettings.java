package dev.troupe.runtime.settings;

import java.nio.file.Path;
import java.util.List;

/** The weights with which a run begins. */
public sealed interface ModelSettings {

  /**
   * A trained model.
   *
   * @param path directory in the Hugging Face layout
   */
  record Pretrained(Path path) implements ModelSettings {

    static Pretrained from(Checked c) {
      Path path = c.path("path");
      for (String key : c.content.keySet()) {
        if (!key.equals("path")) {
          c.refuseBeside(key, "path");
        }
      }
      return new Pretrained(path);
    }
  }

  /**
   * A new decoder with random weights; its vocabulary is that of the tokenizer.
   *
   * @param family llama, qwen2 or qwen3
   * @param width size of the residual stream
   * @param layers number of layers
   * @param heads query heads
   * @param kvHeads key and value heads; divides {@code heads}
   * @param headSize size of one head; even
   * @param feedForward inner width of the gated feed-forward
   * @param context longest prompt and completion together, tokens
   * @param tiedHead whether the output projection is the embedding
   * @param qkNorm whether queries and keys are normalised per head
   * @param attentionBias whether the query, key and value projections have a bias
   * @param normEpsilon added to the mean square in RMSNorm
   * @param ropeTheta base of the rotary position angles
   */
  record NewDecoder(
      String family,
      int width,
      int layers,
      int heads,
      int kvHeads,
      int headSize,
      int feedForward,
      int context,
      boolean tiedHead,
      boolean qkNorm,
      boolean attentionBias,
      double normEpsilon,
      double ropeTheta)
      implements ModelSettings {

    /** Families in which recipes make new decoders; others come from a directory. */
    private static final List<String> NEW_FAMILIES = List.of("llama", "qwen2", "qwen3");

    private static final int MAX_HEADS = 1024;
    private static final int MAX_HEAD_SIZE = 1024;

    /** Null after a mistake. */
    static NewDecoder from(Checked c) {
      String family = c.oneOf("family", NEW_FAMILIES);
      if (!c.isSound("family")) {
        c.ignoreRest(); // without the family its defaults are missing too
        return null;
      }
      int width = c.integer("width", 8, 65_536);
      int heads = c.integer("heads", 1, MAX_HEADS);
      int kvHeads = c.optional("kv-heads", key -> c.integer(key, 1, MAX_HEADS)).orElse(heads);
      if (c.isSound("heads", "kv-heads") && heads % kvHeads != 0) {
        c.clash("kv-heads", "does not divide " + c.quote("heads"), "choose a divisor");
      }
      return new NewDecoder(
          family,
          width,
          c.integer("layers", 1, 1024),
          heads,
          kvHeads,
          headSize(c, width, heads),
          c.integer("feed-forward", 1, 1 << 20),
          c.integer("context", 2, 10_000_000),
          c.bool("tied-head"),
          qkNorm(c, family),
          attentionBias(c, family),
          c.decimal("norm-epsilon", 1e-12, 0.1),
          c.decimal("rope-theta", 1.0, 1e9));
    }

    private static int headSize(Checked c, int width, int heads) {
      if (c.has("head-size")) {
        int size = c.integer("head-size", 2, MAX_HEAD_SIZE);
        if (c.isSound("head-size") && size % 2 != 0) {
          c.refuse("head-size", "is odd", "rotary positions turn pairs, so choose an even size");
        }
        return size;
      }
      // Rotary positions turn pairs of numbers, so a head needs an even size.
      if (c.isSound("width", "heads") && width % (2 * heads) != 0) {
        c.clash(
            "width",
            "is not a multiple of 2 x " + c.quote("heads"),
            "change one of them or set head-size");
      }
      return width / heads;
    }

    /** The files of each family say by the family alone whether there are such norms. */
    private static boolean qkNorm(Checked c, String family) {
      boolean qkNorm = c.bool("q-k-norm");
      boolean expected = family.equals("qwen3");
      if (c.isSound("q-k-norm") && qkNorm != expected) {
        c.clash("q-k-norm", "must be " + expected + " when " + c.quote("family"), "");
      }
      return qkNorm;
    }

    private static boolean attentionBias(Checked c, String family) {
      boolean bias = c.bool("attention-bias");
      if (c.isSound("attention-bias") && !bias && family.equals("qwen2")) {
        c.clash("attention-bias", "must be true when " + c.quote("family"), "");
      }
      return bias;
    }
  }
}
