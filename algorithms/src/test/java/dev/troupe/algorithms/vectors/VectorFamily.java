package dev.troupe.algorithms.vectors;

import java.util.Map;

/** The runners of related cases of one algorithm. */
interface VectorFamily {
  String algorithm();

  Map<String, VectorRunner> runners();
}
