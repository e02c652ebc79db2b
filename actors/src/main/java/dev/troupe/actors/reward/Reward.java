package dev.troupe.actors.reward;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.runtime.reward.Outcome;
import java.util.Collections;
import java.util.List;

/**
 * Scores the rollouts of every group, all groups at once, and sends the rewards to the experience.
 * What goes wrong with one rollout is that rollout's outcome and nobody else's.
 */
public final class Reward extends AbstractBehavior<Reward.Command> {

  /** What the reward actor understands. */
  public sealed interface Command permits Score, GroupScored {}

  /** The groups of one unit, to be scored. */
  public record Score(Harvest harvest) implements Command {}

  record GroupScored(Group group, List<Outcome> outcomes, Throwable failure, long begin)
      implements Command {}

  private final ActorRef<Experience.Command> experience;
  private final ScoringDesk desk;

  /**
   * @param experience gets the rewards
   * @param desk does the scoring; it belongs to the caller and outlives this actor
   */
  public static Behavior<Command> create(
      ActorRef<Experience.Command> experience, ScoringDesk desk) {
    return Behaviors.setup(context -> new Reward(context, experience, desk));
  }

  private Reward(
      ActorContext<Command> context, ActorRef<Experience.Command> experience, ScoringDesk desk) {
    super(context);
    this.experience = experience;
    this.desk = desk;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Score.class, this::onScore)
        .onMessage(GroupScored.class, this::onGroupScored)
        .build();
  }

  private Behavior<Command> onScore(Score score) {
    for (Group group : score.harvest().groups()) {
      long begin = System.nanoTime();
      getContext()
          .pipeToSelf(
              desk.score(group),
              (outcomes, failure) -> new GroupScored(group, outcomes, failure, begin));
    }
    return this;
  }

  private Behavior<Command> onGroupScored(GroupScored scored) {
    Group group = scored.group();
    List<Outcome> outcomes = scored.outcomes();
    if (scored.failure() != null) {
      String reason = Failure.sentence(Failure.unwrapped(scored.failure()));
      getContext().getLog().warn("scoring ticket {} failed", group.ticket().id(), scored.failure());
      outcomes = Collections.nCopies(group.rollouts().size(), new Outcome.Failed(reason));
    }
    long nanos = System.nanoTime() - scored.begin();
    experience.tell(
        new Experience.GroupRewarded(new RewardPart(group.ticket().id(), outcomes, nanos)));
    return this;
  }
}
