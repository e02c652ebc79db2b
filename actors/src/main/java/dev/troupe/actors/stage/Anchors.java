package dev.troupe.actors.stage;

import dev.troupe.runtime.settings.ReferenceUpdate;

/**
 * The frozen models of a trained stage, as names of earlier stages.
 *
 * @param reference what the KL term or DPO's ratio is relative to; null for none
 * @param update how the reference follows the policy
 * @param shaping DPO model of token rewards; null for none
 * @param shapingBase what it was trained against; null for none
 */
record Anchors(String reference, ReferenceUpdate update, String shaping, String shapingBase) {
  private static final ReferenceUpdate FIXED =
      new ReferenceUpdate(ReferenceUpdate.Kind.FIXED, 0, 0);

  /** No frozen model. */
  static final Anchors NONE = new Anchors(null, FIXED, null, null);

  /** A reference that never changes. */
  static Anchors reference(String stage) {
    return new Anchors(stage, FIXED, null, null);
  }

  /** Whether the reference changes after that many steps. */
  boolean isUpdateDue(long stepsDone) {
    return reference != null
        && update.kind() != ReferenceUpdate.Kind.FIXED
        && stepsDone % update.every() == 0;
  }
}
