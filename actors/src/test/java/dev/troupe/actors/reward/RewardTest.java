package dev.troupe.actors.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.BehaviorTestKit;
import akka.actor.testkit.typed.javadsl.TestInbox;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.runtime.reward.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RewardTest {
  private final TestInbox<Experience.Command> experience = TestInbox.create();
  private final Harvest harvest = Samples.harvest(Samples.unit(Samples.versions(0)));

  private Reward.GroupScored scored(List<Outcome> outcomes, Throwable failure) {
    return new Reward.GroupScored(
        harvest.unit().id(), harvest.groups().get(0), outcomes, failure, 0, experience.getRef());
  }

  private BehaviorTestKit<Reward.Command> reward(ScoringDesk desk) {
    return BehaviorTestKit.create(Reward.create(desk));
  }

  @Test
  void handlesItsWholeProtocol() {
    try (var desk =
        new ScoringDesk((ticket, rollout) -> Samples.scored(1), 1, Duration.ofMinutes(1), 1)) {
      var samples =
          List.of(
              new Reward.Score(Samples.part(harvest), experience.getRef()),
              scored(List.of(Samples.scored(1)), null));

      samples.forEach(reward(desk)::run);

      Totality.assertCovers(Reward.Command.class, samples);
    }
  }

  @Test
  void aGroupThatCouldNotBeScoredAtAllIsAllFailuresAndNeverZeros() {
    try (var desk =
        new ScoringDesk((ticket, rollout) -> Samples.scored(1), 1, Duration.ofMinutes(1), 1)) {
      reward(desk).run(scored(null, new IllegalStateException("closed")));

      var part =
          assertInstanceOf(Experience.GroupRewarded.class, experience.receiveMessage()).part();
      var failed = new Outcome.Failed("IllegalStateException: closed");
      assertEquals(List.of(failed, failed), part.outcomes());
    }
  }

  @Test
  void aGroupThatIsBeingScoredIsNotScoredTwice() {
    var calls = new AtomicInteger();
    RewardPanel panel =
        (ticket, rollout) -> {
          calls.incrementAndGet();
          return Samples.scored(1);
        };
    try (var desk = new ScoringDesk(panel, 1, Duration.ofMinutes(1), 1)) {
      var reward = reward(desk);
      var score = new Reward.Score(Samples.part(harvest), experience.getRef());

      reward.run(score);
      reward.run(score);
    }
    assertTrue(calls.get() <= 4, "two groups of two rollouts, not " + calls.get());
  }
}
