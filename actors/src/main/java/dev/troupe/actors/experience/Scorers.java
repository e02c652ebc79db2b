package dev.troupe.actors.experience;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;

/**
 * Those that score groups: the rewards all of them, the references those whose tickets name a
 * frozen model. Plain state of the experience, no actor.
 */
final class Scorers {
  /** Units that one reward actor has at a time; it scores all their rollouts side by side. */
  private static final int REWARD_UNITS = 4;

  /** Units that one reference actor has at a time: one in work and one on its way. */
  private static final int REFERENCE_UNITS = 2;

  final Scoring<Reward.Command> rewards;
  final Scoring<Reference.Command> references;

  /**
   * @param experience where the scores go
   */
  Scorers(ActorRef<Experience.Command> experience) {
    this.rewards =
        new Scoring<>(
            REWARD_UNITS,
            (member, harvest) ->
                harvest
                    .parts(HarvestPart.MOST_TOKENS)
                    .forEach(part -> member.tell(new Reward.Score(part, experience))));
    this.references =
        new Scoring<>(
            REFERENCE_UNITS,
            (member, harvest) ->
                harvest
                    .parts(HarvestPart.MOST_TOKENS)
                    .forEach(part -> member.tell(new Reference.Score(part, experience))));
  }

  /** Has a unit scored, once, however often it is given. */
  void add(Harvest harvest) {
    rewards.add(harvest);
    if (!harvest.unit().scoring().isEmpty()) {
      references.add(harvest);
    }
  }

  /** Has a unit scored by others: its time was over for want of what scores it. */
  void addAgain(UnitId unit) {
    rewards.addAgain(unit);
    references.addAgain(unit);
  }

  /** Sends again what is not scored for long. */
  void repeat() {
    rewards.repeat();
    references.repeat();
  }

  void clear() {
    rewards.clear();
    references.clear();
  }
}
