package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDManager;
import java.util.Map;

/** Computes, with the code under test, every field that a case expects. */
@FunctionalInterface
interface VectorRunner {
  /**
   * @return results by the name of the expected field: numbers, booleans, texts, arrays or lists of
   *     them to any depth, or maps for nested objects
   */
  Map<String, Object> run(VectorCase vector, NDManager manager);
}
