package dev.troupe.algorithms.salsa;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.troupe.algorithms.HostCopy;
import java.util.Map;
import java.util.TreeSet;

/**
 * Looks at two fine-tuned models before they are averaged. A soup of a model with itself is that
 * model, so SALSA would silently be PPO; a soup with NaN is NaN.
 */
public final class SoupGuard {
  private SoupGuard() {}

  /**
   * What was found about two models. Both numbers run over all floating tensors.
   *
   * @param distance Euclidean distance between the models, above 0
   * @param cosine cosine between their task vectors (model minus base), in [-1, 1]; near 1 means
   *     that the second model adds little
   */
  public record Likeness(double distance, double cosine) {}

  /**
   * Compares two models that were fine-tuned from one base.
   *
   * @param base tensors of the base by name
   * @param first tensors of the first model: same names, shapes and types
   * @param second tensors of the second model: same names, shapes and types
   * @return how alike they are
   * @throws IllegalArgumentException if names, shapes or types differ, a tensor holds NaN or an
   *     infinity, the two models are equal, or one of them is equal to the base
   */
  public static Likeness compare(
      Map<String, NDArray> base, Map<String, NDArray> first, Map<String, NDArray> second) {
    requireSameNames("the first model", base, first);
    requireSameNames("the second model", base, second);
    double distance2 = 0;
    double dot = 0;
    double first2 = 0;
    double second2 = 0;
    for (String name : new TreeSet<>(base.keySet())) {
      NDArray origin = base.get(name);
      requireSameLayout(name, origin, "the first model", first.get(name));
      requireSameLayout(name, origin, "the second model", second.get(name));
      if (!origin.getDataType().isFloating()) {
        continue;
      }
      try (NDManager scratch = origin.getManager().newSubManager()) {
        NDArray start = wide(scratch, name, "the base", origin);
        NDArray one = wide(scratch, name, "the first model", first.get(name));
        NDArray two = wide(scratch, name, "the second model", second.get(name));
        distance2 += HostCopy.scalar(one.sub(two).square().sum());
        NDArray firstTask = one.subi(start);
        NDArray secondTask = two.subi(start);
        dot += HostCopy.scalar(firstTask.mul(secondTask).sum());
        first2 += HostCopy.scalar(firstTask.square().sum());
        second2 += HostCopy.scalar(secondTask.square().sum());
      }
    }
    if (distance2 == 0) {
      throw new IllegalArgumentException(
          "the two models are equal, expected different fine-tunings (another seed or data order)");
    }
    requireMoved("the first model", first2);
    requireMoved("the second model", second2);
    return new Likeness(Math.sqrt(distance2), dot / (Math.sqrt(first2) * Math.sqrt(second2)));
  }

  static void requireSameLayout(String name, NDArray expected, String model, NDArray actual) {
    if (!actual.getShape().equals(expected.getShape())
        || actual.getDataType() != expected.getDataType()) {
      throw new IllegalArgumentException(
          "tensor %s of %s is %s %s, expected %s %s"
              .formatted(
                  name,
                  model,
                  actual.getDataType(),
                  actual.getShape(),
                  expected.getDataType(),
                  expected.getShape()));
    }
  }

  private static void requireSameNames(
      String model, Map<String, NDArray> base, Map<String, NDArray> actual) {
    TreeSet<String> missing = new TreeSet<>(base.keySet());
    missing.removeAll(actual.keySet());
    TreeSet<String> unknown = new TreeSet<>(actual.keySet());
    unknown.removeAll(base.keySet());
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "%s lacks the tensors %s and has the unknown tensors %s, expected the names of the base"
              .formatted(model, missing, unknown));
    }
  }

  private static NDArray wide(NDManager scratch, String name, String model, NDArray tensor) {
    NDArray copy = ModelSoup.copy(scratch, tensor, ModelSoup.wide(tensor.getDataType()));
    if (!Double.isFinite(HostCopy.scalar(copy.sum()))) {
      throw new IllegalArgumentException(
          "tensor %s of %s %s holds NaN or an infinity, expected finite numbers"
              .formatted(name, model, tensor.getShape()));
    }
    return copy;
  }

  private static void requireMoved(String model, double taskVector2) {
    if (taskVector2 == 0) {
      throw new IllegalArgumentException(
          model + " is equal to the base, expected a fine-tuned model");
    }
  }
}
