package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.learner.Learner;
import java.time.Duration;
import java.util.function.LongFunction;

/**
 * The order that the learner has, one at a time. It is sent again until it is answered; its number
 * tells the answer to it from a late one to another. Plain state of the supervisor, no actor.
 */
final class Orders {
  private final Waits waits;
  private long number;
  private Learner.Order open;
  private ActorRef<Learner.Command> learner;
  private boolean isFresh;

  Orders(Waits waits) {
    this.waits = waits;
  }

  /** Whom the orders go to from now on; null when there is no learner. */
  void to(ActorRef<Learner.Command> next) {
    learner = next;
    open = null;
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
    send();
  }

  /** Whether this is the number of the open order, which is closed then. */
  boolean settle(long answered) {
    if (open == null || open.number() != answered) {
      return false;
    }
    open = null;
    waits.close(new WaitKey.Learner());
    return true;
  }

  /** Sends the open order again, unless it was given since the last call. */
  void repeat() {
    if (!isFresh) {
      send();
    }
    isFresh = false;
  }

  private void send() {
    if (open != null && learner != null) {
      learner.tell(open);
    }
  }
}
