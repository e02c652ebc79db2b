package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.salsa.ModelSoup;
import dev.troupe.algorithms.salsa.SoupGuard;
import dev.troupe.runtime.model.DecoderWeights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Soups of whole sets of weights. None of them may have adapters: merge those first. */
public final class Soup {
  private Soup() {}

  /**
   * The weighted mean of some sets; the caller owns it, and still owns the members.
   *
   * @param shares of each member, in [0, 1], summing to 1
   * @throws IllegalArgumentException if a shape differs or the shares are not such
   */
  public static DecoderWeights of(List<DecoderWeights> members, double... shares) {
    DecoderWeights soup = members.get(0).copy();
    NDArray[] target = soup.arrays();
    try (NDManager scratch = soup.accelerator().manager().newSubManager()) {
      for (int slot = 0; slot < target.length; slot++) {
        if (target[slot].size() == 0) {
          continue;
        }
        var parts = new ArrayList<NDArray>(members.size());
        for (DecoderWeights member : members) {
          parts.add(member.arrays()[slot]);
        }
        try (NDArray mean = ModelSoup.average(scratch, name(slot), parts, shares)) {
          soup.assign(slot, mean);
        }
      }
    }
    return soup;
  }

  /**
   * Compares two fine-tunings of one base, as {@link SoupGuard#compare} does.
   *
   * @throws IllegalArgumentException if shapes differ, a number is not finite, the two are equal or
   *     one of them is the base
   */
  public static SoupGuard.Likeness compare(
      DecoderWeights base, DecoderWeights first, DecoderWeights second) {
    return SoupGuard.compare(named(base), named(first), named(second));
  }

  private static Map<String, NDArray> named(DecoderWeights weights) {
    var tensors = new LinkedHashMap<String, NDArray>();
    NDArray[] arrays = weights.arrays();
    for (int slot = 0; slot < arrays.length; slot++) {
      if (arrays[slot].size() > 0) {
        tensors.put(name(slot), arrays[slot]);
      }
    }
    return tensors;
  }

  private static String name(int slot) {
    return "in slot " + slot;
  }
}
