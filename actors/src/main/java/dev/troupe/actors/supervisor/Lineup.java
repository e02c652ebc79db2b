package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.learner.Learner;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Which learners train: the lead, who gets the orders, and those that follow it. A lead stays as
 * long as it can be reached; followers are chosen anew whenever a stage is opened. Plain state of
 * the supervisor, no actor.
 */
final class Lineup {
  private static final Comparator<ActorRef<Learner.Command>> ORDER =
      Comparator.comparing(it -> it.path().toString());

  private Set<ActorRef<Learner.Command>> present = Set.of();
  private ActorRef<Learner.Command> lead;
  private List<ActorRef<Learner.Command>> followers = List.of();
  private int wanted = 1;

  /**
   * Takes note of who can be reached now.
   *
   * @return whether the lead is the one it was before
   */
  boolean listed(Set<ActorRef<Learner.Command>> listed) {
    present = Set.copyOf(listed);
    if (lead != null && present.contains(lead)) {
      return true;
    }
    lead = present.stream().min(ORDER).orElse(null);
    return false;
  }

  /** Who gets the orders; null when there is no learner. */
  ActorRef<Learner.Command> lead() {
    return lead;
  }

  /**
   * Who follows the lead from now on, as many as are wanted and there.
   *
   * @param learners that train together at the most, the lead included
   */
  List<ActorRef<Learner.Command>> choose(int learners) {
    wanted = learners;
    followers =
        present.stream().filter(it -> !it.equals(lead)).sorted(ORDER).limit(wanted - 1).toList();
    return followers;
  }

  /** Whether one that was chosen cannot be reached any more. */
  boolean isShort() {
    return !present.containsAll(followers);
  }

  /** Whether one more could be chosen than was. */
  boolean hasSpare() {
    return followers.size() < Math.min(wanted, present.size()) - 1;
  }
}
