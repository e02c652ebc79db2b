package dev.troupe.actors.learner;

import dev.troupe.actors.supervisor.SupervisorCommand;

/**
 * The orders of a learner: the one that it carries out, the checkpoint that it writes meanwhile,
 * and what it answered. Plain state of the learner, no actor.
 */
final class Docket {
  private long latest;
  private SupervisorCommand answer;
  private Learner.Order open;
  private Learner.Save saving;
  private boolean isTaking;
  private Learner.Order deferred;
  private SupervisorCommand saved;

  /**
   * Takes note of an order. One that was carried out before is answered again here.
   *
   * @param stage that the learner has open; null for none
   * @return whether it is to be carried out now
   */
  boolean admit(Learner.Order order, String stage) {
    if (order.equals(saving) && saved != null) {
      order.replyTo().tell(saved);
    } else if (order.number() == latest && answer != null) {
      order.replyTo().tell(answer);
    }
    if (order.number() <= latest) {
      return false; // It is being carried out, or the supervisor wants something else by now.
    }
    boolean isOpening = order instanceof Learner.Open;
    if (order.number() > latest + 1 && order.stage().equals(stage) && !isOpening) {
      return false; // The one before, to save, was lost on its way. Both come again, in order.
    }
    if (isTaking && !isOpening) {
      deferred = order; // Nothing is trained before all learners have given their parts of it.
      return false;
    }
    latest = order.number();
    open = order;
    answer = null;
    return true;
  }

  /** The order that is being carried out; null for none. */
  Learner.Order open() {
    return open;
  }

  /** Whether the supervisor has given a later order by now. */
  boolean isOutdated(Learner.Order order) {
    return order.number() < latest;
  }

  /** Whether an order is the last one that was given, and not to save. */
  boolean isLatest(Learner.Order order) {
    return !(order instanceof Learner.Save) && order.number() == latest;
  }

  /** The order is carried out. */
  void settle(SupervisorCommand done) {
    open = null;
    answer = done;
  }

  /** A checkpoint is being taken. */
  void save(Learner.Save order) {
    saving = order;
    saved = null;
    isTaking = true;
  }

  /** Whether that checkpoint is being taken or written. */
  boolean isSaving(Learner.Order order) {
    return order.equals(saving);
  }

  /**
   * The checkpoint is in host memory.
   *
   * @return the order that waited for that; null for none
   */
  Learner.Order taken() {
    open = null;
    isTaking = false;
    Learner.Order next = deferred;
    deferred = null;
    return next;
  }

  /** The checkpoint is durable. */
  void saved(SupervisorCommand done) {
    saved = done;
  }

  /** Gives up the checkpoint that is being taken or written. */
  void drop() {
    saving = null;
    isTaking = false;
    deferred = null;
  }
}
