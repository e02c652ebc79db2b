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
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.runtime.reward.Outcome;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Scores the rollouts of every group, all groups at once, and sends the rewards to the experience.
 * What goes wrong with one rollout is that rollout's outcome and nobody else's.
 */
public final class Reward extends AbstractBehavior<Reward.Command> {

  /** What the reward actor understands. */
  public sealed interface Command permits Score, GroupScored {}

  /** Groups of one unit, to be scored; asking again while they are being scored is harmless. */
  public record Score(HarvestPart part, ActorRef<Experience.Command> replyTo)
      implements Command, WireMessage {}

  record GroupScored(
      UnitId unit,
      Group group,
      List<Outcome> outcomes,
      Throwable failure,
      long begin,
      ActorRef<Experience.Command> replyTo)
      implements Command {}

  private final GroupScorer scorer;
  private final Set<TicketId> scoring = new HashSet<>();

  /**
   * @param scorer does the scoring; it belongs to the caller and outlives this actor
   */
  public static Behavior<Command> create(GroupScorer scorer) {
    return Behaviors.setup(context -> new Reward(context, scorer));
  }

  private Reward(ActorContext<Command> context, GroupScorer scorer) {
    super(context);
    this.scorer = scorer;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Score.class, this::onScore)
        .onMessage(GroupScored.class, this::onGroupScored)
        .build();
  }

  private Behavior<Command> onScore(Score score) {
    UnitId unit = score.part().unit().id();
    for (Group group : score.part().groups()) {
      if (scoring.add(group.ticket().id())) {
        long begin = System.nanoTime();
        getContext()
            .pipeToSelf(
                scorer.score(group),
                (outcomes, failure) ->
                    new GroupScored(unit, group, outcomes, failure, begin, score.replyTo()));
      }
    }
    return this;
  }

  private Behavior<Command> onGroupScored(GroupScored scored) {
    Group group = scored.group();
    scoring.remove(group.ticket().id());
    List<Outcome> outcomes = scored.outcomes();
    if (scored.failure() != null) {
      String reason = Failure.sentence(Failure.unwrapped(scored.failure()));
      getContext().getLog().warn("scoring ticket {} failed", group.ticket().id(), scored.failure());
      outcomes = Collections.nCopies(group.rollouts().size(), new Outcome.Failed(reason));
    }
    long nanos = System.nanoTime() - scored.begin();
    scored
        .replyTo()
        .tell(
            new Experience.GroupRewarded(
                scored.unit(), new RewardPart(group.ticket().id(), outcomes, nanos)));
    return this;
  }
}
