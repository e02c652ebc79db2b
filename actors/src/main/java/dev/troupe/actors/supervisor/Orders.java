package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.learner.Learner;
import java.time.Duration;
import java.util.function.LongFunction;

/**
 * The order that the learner has, one at a time, and beside it a checkpoint that is being written.
 * An order is sent again until it is answered; its number tells the answer to it from a late one to
 * another. Plain state of the supervisor, no actor.
 */
final class Orders {
  private final Waits waits;
  private long number;
  private Learner.Order open;
  private Learner.Order saving;
  private ActorRef<Learner.Command> learner;
  private boolean isFresh;

  Orders(Waits waits) {
    this.waits = waits;
  }

  /** Whom the orders go to from now on; null when there is no learner. */
  void to(ActorRef<Learner.Command> next) {
    learner = next;
    open = null;
    drop();
  }

  private void drop() {
    saving = null;
    waits.close(new WaitKey.Saving());
  }

  /**
   * Opens a stage; no other order is open any more.
   *
   * @param order makes it from its number
   * @param what is to be read after "waiting for"
   */
  void open(LongFunction<Learner.Order> order, String what, Duration patience) {
    drop();
    give(order, what, patience);
  }

  /**
   * Gives an order.
   *
   * @param order makes it from its number
   * @param what is to be read after "waiting for"
   */
  void give(LongFunction<Learner.Order> order, String what, Duration patience) {
    open = order.apply(++number);
    isFresh = true;
    waits.open(new WaitKey.Learner(), what, patience, "the run stops");
    send(open);
  }

  /** Orders a checkpoint; the learner may have another order while it is written. */
  void save(LongFunction<Learner.Order> order, String what, Duration patience) {
    saving = order.apply(++number);
    isFresh = true;
    waits.open(new WaitKey.Saving(), what, patience, "the run stops");
    send(saving);
  }

  /** Whether a checkpoint is being written. */
  boolean isSaving() {
    return saving != null;
  }

  /** Whether this is the number of an open order, which is closed then. */
  boolean settle(long answered) {
    if (saving != null && saving.number() == answered) {
      saving = null;
      waits.close(new WaitKey.Saving());
      return true;
    }
    if (open == null || open.number() != answered) {
      return false;
    }
    open = null;
    waits.close(new WaitKey.Learner());
    return true;
  }

  /** Sends the open orders again, unless one was given since the last call. */
  void repeat() {
    if (!isFresh) {
      boolean isOlder = saving != null && open != null && saving.number() < open.number();
      send(isOlder ? saving : open);
      send(isOlder ? open : saving);
    }
    isFresh = false;
  }

  private void send(Learner.Order order) {
    if (order != null && learner != null) {
      learner.tell(order);
    }
  }
}
