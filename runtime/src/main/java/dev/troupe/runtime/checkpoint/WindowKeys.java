package dev.troupe.runtime.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.model.DecoderConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Sliding windows in a {@code config.json}: their width, and in which layers they are. */
final class WindowKeys {
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  private WindowKeys() {}

  /**
   * The width.
   *
   * @param absent what the family takes when the key is not there; null means none
   */
  static int width(ConfigKeys keys, int absent) {
    return keys.isNull("sliding_window") ? 0 : keys.integer("sliding_window", absent);
  }

  /**
   * The window of each layer.
   *
   * @param width 0 for none
   * @param slides which layers have one where {@code layer_types} does not say it
   */
  static List<Integer> read(ConfigKeys keys, int layers, int width, IntPredicate slides) {
    JsonNode types = keys.get("layer_types");
    if (types.isMissingNode()) {
      var windows = new ArrayList<Integer>();
      for (int layer = 0; layer < layers; layer++) {
        windows.add(slides.test(layer) ? width : 0);
      }
      return windows;
    }
    var windows = new ArrayList<Integer>();
    boolean isSupported = types.isArray() && types.size() == layers;
    for (JsonNode type : types) {
      boolean isSliding = type.asText().equals(SLIDING);
      isSupported &= isSliding ? width > 0 : type.asText().equals(FULL);
      windows.add(isSliding ? width : 0);
    }
    if (!isSupported) {
      keys.unsupported(
          "layer_types",
          types,
          "for each layer \"%s\"%s"
              .formatted(FULL, width > 0 ? " or \"" + SLIDING + "\"" : ", as there is no window"));
      return List.of();
    }
    return windows;
  }

  /** Puts the width, null for none. */
  static void putWidth(ObjectNode json, DecoderConfig config) {
    int width = config.traits().window();
    if (width > 0) {
      json.put("sliding_window", width);
    } else {
      json.putNull("sliding_window");
    }
  }

  /** Puts the kind of every layer. */
  static void putTypes(ObjectNode json, DecoderConfig config) {
    ArrayNode types = json.putArray("layer_types");
    for (int layer = 0; layer < config.layers(); layer++) {
      types.add(config.traits().window(layer) > 0 ? SLIDING : FULL);
    }
  }
}
