package dev.troupe.runtime.settings;

import java.util.Collections;
import java.util.List;

/**
 * The weighted mean of the weights of earlier stages.
 *
 * @param name name of the stage
 * @param of the ingredients, at least two different ones
 * @param weights share of each ingredient, in the same order, adding up to 1
 */
public record SoupStage(String name, List<String> of, List<Double> weights)
    implements StageSettings {

  private static final double SUM_TOLERANCE = 1e-6;

  /** Copies the lists. */
  public SoupStage {
    of = List.copyOf(of);
    weights = List.copyOf(weights);
  }

  static SoupStage from(Checked c, String name, Lineage lineage) {
    List<String> of = lineage.ingredients(c, "of");
    List<Double> equal = Collections.nCopies(of.size(), 1.0 / Math.max(of.size(), 1));
    List<Double> weights = c.optional("weights", key -> c.decimals(key, 0.0, 1.0)).orElse(equal);
    if (c.isSound("of", "weights") && weights.size() != of.size()) {
      c.clash("weights", "has not one number for each stage of " + c.quote("of"), "");
    }
    double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
    if (c.isSound("of", "weights") && Math.abs(sum - 1) > SUM_TOLERANCE) {
      c.refuse("weights", "adds up to " + sum, "the shares must add up to 1");
    }
    return new SoupStage(name, of, weights);
  }

  @Override
  public String from() {
    return of.get(0);
  }

  @Override
  public String kind() {
    return "soup";
  }

  @Override
  public List<String> inputs() {
    return of.stream().distinct().toList();
  }
}
