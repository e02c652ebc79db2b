package dev.troupe.actors.experience;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.ScoredGroup;

/**
 * A group on its way to completeness. Parts may come in any order and more than once; because the
 * content of a part follows from its ticket, the first one of a kind is as good as any later one.
 */
final class Joining {
  private Group group;
  private long generateNanos;
  private RewardPart rewards;
  private ReferencePart reference;

  /**
   * Adds the group itself.
   *
   * @return whether it was missing
   */
  boolean add(Group part, long nanos) {
    if (group != null) {
      return false;
    }
    group = part;
    generateNanos = nanos;
    return true;
  }

  /** Whether the group is there already and another generator has decoded it again. */
  boolean isAgain(Group part) {
    return group != null && !generator(group).equals(generator(part));
  }

  private static String generator(Group part) {
    return part.rollouts().get(0).provenance().generator();
  }

  void add(RewardPart part) {
    if (rewards == null) {
      rewards = part;
    }
  }

  void add(ReferencePart part) {
    if (reference == null) {
      reference = part;
    }
  }

  boolean isComplete() {
    return group != null
        && rewards != null
        && (reference != null || group.ticket().scoring().isEmpty());
  }

  FinishedGroup finished() {
    return new FinishedGroup(
        new ScoredGroup(group, rewards.outcomes(), reference), generateNanos, rewards.nanos());
  }
}
