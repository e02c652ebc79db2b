package dev.troupe.actors.fence;

import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.Pacing;

/**
 * The generator's side of the fence: which version it has proved, and which of its questions is
 * open. One question has one answer, whichever comes first; what comes later is for nobody.
 *
 * @param fence the rules
 * @param ask number of the last question, which repetitions of it keep
 * @param isAsking whether it is open
 * @param held the version proved last, with the digest computed from the weights as they arrived;
 *     null when none is held
 * @param latestEpoch highest epoch of all versions taken up; -1 for none
 */
public record Holding(
    Fence fence, long ask, boolean isAsking, PolicyVersion held, int latestEpoch) {

  /**
   * Holds nothing and asks nothing.
   *
   * @param ask number of the last question of whoever had the name before
   */
  public static Holding nothing(Fence fence, long ask) {
    return new Holding(fence, ask, false, null, -1);
  }

  /** The next question is open. */
  public Holding asking() {
    return new Holding(fence, ask + 1, true, held, latestEpoch);
  }

  /** Whether an answer is to the open question. */
  public boolean isAnsweredBy(long answer) {
    return isAsking && answer == ask;
  }

  /** The question is closed. */
  public Holding answered() {
    return new Holding(fence, ask, false, held, latestEpoch);
  }

  /** Whether a version that is offered is taken up. */
  public boolean mayTakeUp(PolicyVersion version) {
    return fence.mayTakeUp(version, latestEpoch);
  }

  /** A version is on its way: until it is proved, nothing is held. */
  public Holding takingUp(PolicyVersion version) {
    return new Holding(fence, ask, isAsking, null, Math.max(latestEpoch, version.epoch()));
  }

  /**
   * Weights have arrived.
   *
   * @param digest computed from them
   */
  public Holding proved(PolicyVersion version, String digest) {
    var proof = new PolicyVersion(version.epoch(), version.number(), digest);
    return new Holding(fence, ask, isAsking, proof, latestEpoch);
  }

  /** Whether a unit may be decoded with what is held. */
  public boolean mayDecode(WorkUnit unit) {
    return unit.pacing() == Pacing.NEWEST
        ? fence.isFresh(unit.policy(), held)
        : fence.isProof(unit.policy(), held);
  }

  /** Whether decoding may go on under a version: one of the same epoch, and newer. */
  public boolean mayRenew(PolicyVersion version) {
    return held != null && version.epoch() == held.epoch() && version.isNewerThan(held);
  }

  /** Decoding ended under a version that was taken up, and proved, on the way. */
  public Holding renewed(PolicyVersion version) {
    return new Holding(fence, ask, isAsking, version, latestEpoch);
  }
}
