package dev.troupe.actors.experience;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.reward.Outcome;
import java.util.Objects;

/**
 * A group with all its parts, and what it cost.
 *
 * @param scored the group with everything that was learned about it
 * @param generateNanos its share of the time of decoding
 * @param rewardNanos time of the reward functions
 */
public record FinishedGroup(ScoredGroup scored, long generateNanos, long rewardNanos) {

  /** What was asked for. */
  public Ticket ticket() {
    return scored.ticket();
  }

  /** What the supervisor may know of it. */
  GroupFacts facts() {
    Ticket ticket = ticket();
    return new GroupFacts(
        ticket.id(),
        ticket.step(),
        ticket.example(),
        ticket.purpose(),
        scored.outcomes().stream().map(GroupFacts::reward).toList(),
        scored.outcomes().stream()
            .filter(Outcome.Failed.class::isInstance)
            .map(outcome -> ((Outcome.Failed) outcome).reason())
            .toList(),
        scored.group().tokens(),
        generateNanos,
        rewardNanos,
        scored.reference() == null ? 0 : scored.reference().nanos());
  }

  /**
   * Whether it is what a ticket asks for, given that versions have other epochs after a restart:
   * what counts is the content of a model, which its digest tells. Which weights sampled it is for
   * the {@link dev.troupe.actors.fence.Intake} to judge.
   */
  public boolean answers(Ticket asked) {
    Ticket own = ticket();
    return own.id().equals(asked.id())
        && own.purpose() == asked.purpose()
        && own.step() == asked.step()
        && own.example() == asked.example()
        && own.draw() == asked.draw()
        && own.samples() == asked.samples()
        && own.seed() == asked.seed()
        && isSame(own.policy(), asked.policy())
        && isSame(own.scoring().reference(), asked.scoring().reference())
        && isSame(own.scoring().shaping(), asked.scoring().shaping())
        && isSame(own.scoring().shapingBase(), asked.scoring().shapingBase())
        && isSameScorer(asked);
  }

  private boolean isSameScorer(Ticket asked) {
    var own = ticket().scoring().reward();
    var wanted = asked.scoring().reward();
    return own == null || wanted == null
        ? own == wanted
        : isSame(own.model(), wanted.model()) && own.view().equals(wanted.view());
  }

  private static boolean isSame(PolicyVersion own, PolicyVersion wanted) {
    return own == null || wanted == null
        ? own == wanted
        : own.number() == wanted.number() && Objects.equals(own.digest(), wanted.digest());
  }

  /** The same group as the answer to a ticket of this epoch, which it has to {@link #answers}. */
  public FinishedGroup as(Ticket asked) {
    ReferencePart part = scored.reference();
    ReferencePart renewed =
        part == null
            ? null
            : new ReferencePart(
                part.ticket(),
                asked.scoring(),
                part.reference(),
                part.shaping(),
                part.shapingBase(),
                part.scores(),
                part.nanos());
    var group = new Group(asked, scored.group().promptTokens(), scored.group().rollouts());
    return new FinishedGroup(
        new ScoredGroup(group, scored.outcomes(), renewed), generateNanos, rewardNanos);
  }
}
