package dev.troupe.actors.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import akka.actor.testkit.typed.javadsl.BehaviorTestKit;
import akka.actor.testkit.typed.javadsl.TestInbox;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.runtime.reward.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewardTest {
  private final TestInbox<Experience.Command> experience = TestInbox.create();
  private final Harvest harvest = Samples.harvest(Samples.unit(Samples.versions(0)));

  private BehaviorTestKit<Reward.Command> reward(ScoringDesk desk) {
    return BehaviorTestKit.create(Reward.create(experience.getRef(), desk));
  }

  @Test
  void handlesItsWholeProtocol() {
    try (var desk =
        new ScoringDesk((ticket, rollout) -> Samples.scored(1), 1, Duration.ofMinutes(1), 1)) {
      var samples =
          List.of(
              new Reward.Score(harvest),
              new Reward.GroupScored(harvest.groups().get(0), List.of(Samples.scored(1)), null, 0));

      samples.forEach(reward(desk)::run);

      Totality.assertCovers(Reward.Command.class, samples);
    }
  }

  @Test
  void aGroupThatCouldNotBeScoredAtAllIsAllFailuresAndNeverZeros() {
    try (var desk =
        new ScoringDesk((ticket, rollout) -> Samples.scored(1), 1, Duration.ofMinutes(1), 1)) {
      reward(desk)
          .run(
              new Reward.GroupScored(
                  harvest.groups().get(0), null, new IllegalStateException("closed"), 0));

      var part =
          assertInstanceOf(Experience.GroupRewarded.class, experience.receiveMessage()).part();
      var failed = new Outcome.Failed("IllegalStateException: closed");
      assertEquals(List.of(failed, failed), part.outcomes());
    }
  }
}
