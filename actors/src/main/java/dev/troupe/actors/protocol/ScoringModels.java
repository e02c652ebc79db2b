package dev.troupe.actors.protocol;

import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * The frozen models that must say something about a group before it is complete.
 *
 * @param reference the anchor of the KL term or of DPO's ratio; null when nobody asks for it
 * @param shaping the DPO model whose log-ratio becomes a token reward; null without shaping
 * @param shapingBase what the shaping model was trained against; null without shaping
 * @param reward the reward model whose scores are learnt from; null without one
 */
public record ScoringModels(
    PolicyVersion reference,
    PolicyVersion shaping,
    PolicyVersion shapingBase,
    RewardScorer reward) {
  /** No frozen model is asked. */
  public static final ScoringModels NONE = new ScoringModels(null, null, null, null);

  /** Refuses a shaping model without its base, and the reverse. */
  public ScoringModels {
    if ((shaping == null) != (shapingBase == null)) {
      throw new IllegalArgumentException(
          "scoring models: shaping=%s and shapingBase=%s must be given together"
              .formatted(shaping, shapingBase));
    }
  }

  /** The same with another reference. */
  public ScoringModels withReference(PolicyVersion other) {
    return new ScoringModels(other, shaping, shapingBase, reward);
  }

  /** Whether no model is asked, so that a group is complete without a reference part. */
  public boolean isEmpty() {
    return distinct().isEmpty();
  }

  /** Those that give log-probabilities, each once. */
  public List<PolicyVersion> readers() {
    var models = new ArrayList<PolicyVersion>(3);
    for (PolicyVersion model : new PolicyVersion[] {reference, shaping, shapingBase}) {
      if (model != null && !models.contains(model)) {
        models.add(model);
      }
    }
    return models;
  }

  /** The different models to ask, each once. */
  public List<PolicyVersion> distinct() {
    List<PolicyVersion> models = readers();
    if (reward != null && !models.contains(reward.model())) {
      models.add(reward.model());
    }
    return models;
  }
}
