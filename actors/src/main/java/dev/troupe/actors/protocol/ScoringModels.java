package dev.troupe.actors.protocol;

import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * The frozen models that must give log-probabilities of a group before it is complete.
 *
 * @param reference the anchor of the KL term or of DPO's ratio; null when nobody asks for it
 * @param shaping the DPO model whose log-ratio becomes a token reward; null without shaping
 * @param shapingBase what the shaping model was trained against; null without shaping
 */
public record ScoringModels(
    PolicyVersion reference, PolicyVersion shaping, PolicyVersion shapingBase) {
  /** No frozen model is asked. */
  public static final ScoringModels NONE = new ScoringModels(null, null, null);

  /** Refuses a shaping model without its base, and the reverse. */
  public ScoringModels {
    if ((shaping == null) != (shapingBase == null)) {
      throw new IllegalArgumentException(
          "scoring models: shaping=%s and shapingBase=%s must be given together"
              .formatted(shaping, shapingBase));
    }
  }

  /** Whether no model is asked, so that a group is complete without a reference part. */
  public boolean isEmpty() {
    return reference == null && shaping == null;
  }

  /** The different models to ask, each once. */
  public List<PolicyVersion> distinct() {
    var models = new ArrayList<PolicyVersion>(3);
    for (PolicyVersion model : new PolicyVersion[] {reference, shaping, shapingBase}) {
      if (model != null && !models.contains(model)) {
        models.add(model);
      }
    }
    return models;
  }
}
