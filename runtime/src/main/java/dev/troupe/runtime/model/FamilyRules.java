package dev.troupe.runtime.model;

import dev.troupe.runtime.model.DecoderTraits.FeedForward;
import dev.troupe.runtime.model.DecoderTraits.Norm;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;

/**
 * What transformers' code for a family can express. Anything else could be trained but never
 * exported.
 */
final class FamilyRules {
  private final String family;
  private final Biases biases;
  private final Attention attention;
  private final DecoderTraits traits;
  private final List<String> mistakes = new ArrayList<>();

  /** Which projections have a bias, and whether queries and keys have norms. */
  record Biases(boolean attention, boolean output, boolean feedForward, boolean qkNorm) {}

  /** Sizes of a decoder's attention. */
  record Attention(int width, int layers, int heads, int kvHeads, int headSize) {}

  private FamilyRules(String family, Biases biases, Attention attention, DecoderTraits traits) {
    this.family = family;
    this.biases = biases;
    this.attention = attention;
    this.traits = traits;
  }

  /** Where a decoder breaks the rules of its family, possibly nowhere. */
  static List<String> mistakes(
      String family, Biases biases, Attention attention, DecoderTraits traits) {
    if (family == null || !DecoderConfig.FAMILIES.contains(family)) {
      return List.of("family = " + family + " is not one of " + DecoderConfig.FAMILIES);
    }
    var rules = new FamilyRules(family, biases, attention, traits);
    rules.biases();
    rules.parts();
    rules.positions();
    rules.windows();
    return rules.mistakes;
  }

  private boolean is(String... families) {
    return List.of(families).contains(family);
  }

  private void biases() {
    boolean isGpt2 = is("gpt2");
    required("qkNorm", biases.qkNorm(), is("qwen3", "gemma3_text"));
    if (is("qwen2", "mistral", "phi3", "gpt2")) {
      required("attentionBias", biases.attention(), is("qwen2", "gpt2"));
      required("outputBias", biases.output(), isGpt2);
    } else if (biases.attention() != biases.output()) {
      mistakes.add(
          "family %s has one switch for both: attentionBias = %s differs from outputBias = %s"
              .formatted(family, biases.attention(), biases.output()));
    }
    if (!is("llama")) {
      required("feedForwardBias", biases.feedForward(), isGpt2);
    }
  }

  private void parts() {
    boolean isGemma = is("gemma2", "gemma3_text");
    boolean isGpt2 = is("gpt2");
    required("norm", traits.norm(), isGpt2 ? Norm.LAYER : isGemma ? Norm.RMS_PLUS_ONE : Norm.RMS);
    required(
        "feedForward",
        traits.feedForward(),
        isGpt2 ? FeedForward.GELU : isGemma ? FeedForward.GATED_GELU : FeedForward.GATED_SILU);
    required("postNorms", traits.postNorms(), isGemma);
    required("scaledEmbedding", traits.scaledEmbedding(), isGemma);
    if (!isGemma) {
      required("queryScalar", traits.queryScalar(), 0.0);
      required("attentionCap", traits.attentionCap(), 0.0);
      required("logitCap", traits.logitCap(), 0.0);
    }
    if (isGpt2) {
      required("kvHeads", attention.kvHeads(), attention.heads());
      required("heads * headSize", attention.heads() * attention.headSize(), attention.width());
    }
  }

  private void positions() {
    required("learnedPositions", traits.learnedPositions(), is("gpt2"));
    if (is("gpt2")) {
      required("ropeScaling", traits.ropeScaling(), RopeScaling.NONE);
    }
    if (!is("phi3")) {
      required("rotaryShare", traits.rotaryShare(), 1.0);
    }
    if (is("gemma3_text")) {
      if (traits.localTheta() <= 1) {
        mistakes.add("family gemma3_text requires a localTheta above 1");
      }
    } else {
      required("localTheta", traits.localTheta(), 0.0);
    }
  }

  private void windows() {
    List<Integer> windows = traits.windows();
    if (windows.isEmpty()) {
      return;
    }
    if (is("llama", "gpt2")) {
      mistakes.add("family " + family + " has no windows, found " + windows);
    } else if (windows.size() != attention.layers()) {
      mistakes.add(windows.size() + " windows for " + attention.layers() + " layers");
    } else {
      var widths = new HashSet<>(windows);
      if (widths.contains(0) && is("mistral", "phi3")) {
        mistakes.add("family " + family + " has a window in every layer or in none");
      }
      widths.remove(0);
      if (widths.size() > 1) {
        mistakes.add("windows of one decoder have one width, found " + windows);
      }
    }
  }

  private void required(String name, Object value, Object required) {
    if (!Objects.equals(value, required)) {
      mistakes.add("family %s requires %s = %s, not %s".formatted(family, name, required, value));
    }
  }
}
