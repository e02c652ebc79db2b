package dev.troupe.actors.stage;

import dev.troupe.runtime.settings.ReferenceUpdate;
import dev.troupe.runtime.settings.RewardView;

/**
 * The frozen models of a trained stage, as names of earlier stages.
 *
 * @param reference what the KL term or DPO's ratio is relative to; null for none
 * @param update how the reference follows the policy
 * @param shaping DPO model of token rewards; null for none
 * @param shapingBase what it was trained against; null for none
 * @param reward reward model whose scores are learnt from; null for none
 * @param view what it reads of a completion; null without one
 */
record Anchors(
    String reference,
    ReferenceUpdate update,
    String shaping,
    String shapingBase,
    String reward,
    RewardView view) {
  private static final ReferenceUpdate FIXED =
      new ReferenceUpdate(ReferenceUpdate.Kind.FIXED, 0, 0);

  /** No frozen model. */
  static final Anchors NONE = new Anchors(null, FIXED, null, null, null, null);

  /** A reference that never changes. */
  static Anchors reference(String stage) {
    return new Anchors(stage, FIXED, null, null, null, null);
  }

  /** The same with a reward model. */
  Anchors withReward(String stage, RewardView read) {
    return new Anchors(reference, update, shaping, shapingBase, stage, read);
  }

  /** Whether the reference changes after that many steps. */
  boolean isUpdateDue(long stepsDone) {
    return reference != null
        && update.kind() != ReferenceUpdate.Kind.FIXED
        && stepsDone % update.every() == 0;
  }
}
