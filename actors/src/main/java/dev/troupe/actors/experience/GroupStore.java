package dev.troupe.actors.experience;

import dev.troupe.actors.protocol.Ticket;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Where groups lie that are finished. Its work is done off the actor's thread. */
public interface GroupStore {

  /**
   * Writes a group.
   *
   * @return done when it outlasts {@code kill -9} and a power cut; fails with a sentence for people
   */
  CompletionStage<Void> write(FinishedGroup group);

  /**
   * Looks for groups that answer tickets, whatever the epoch they were sampled in.
   *
   * @return those there are, as answers to these tickets, in their order
   */
  CompletionStage<List<FinishedGroup>> recall(List<Ticket> tickets);

  /** Nobody will ask for the tickets of a phase below an ordinal any more. */
  void release(String phase, long before);
}
