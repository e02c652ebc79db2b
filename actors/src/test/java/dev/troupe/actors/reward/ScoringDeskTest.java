package dev.troupe.actors.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Group;
import dev.troupe.runtime.reward.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ScoringDeskTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final Group group = Samples.group(Samples.unit(Samples.versions(0)).tickets().get(0));

  private List<Outcome> score(RewardPanel panel, int threads, Duration deadline, int attempts)
      throws Exception {
    try (var desk = new ScoringDesk(panel, threads, deadline, attempts)) {
      return desk.score(group).toCompletableFuture().get(50, TimeUnit.SECONDS);
    }
  }

  @Test
  void keepsOutcomesInTheOrderOfTheRollouts() throws Exception {
    List<Outcome> outcomes =
        score((ticket, rollout) -> Samples.scored(rollout.sample()), 2, LONG, 1);

    assertEquals(List.of(Samples.scored(0), Samples.scored(1)), outcomes);
  }

  @Test
  void whatOneRolloutThrowsIsItsOwnFailure() throws Exception {
    List<Outcome> outcomes =
        score(
            (ticket, rollout) -> {
              if (rollout.sample() == 0) {
                throw new NoClassDefFoundError("user/Code");
              }
              return Samples.scored(1);
            },
            1,
            LONG,
            1);

    var failed = assertInstanceOf(Outcome.Failed.class, outcomes.get(0));
    assertEquals("NoClassDefFoundError: user/Code", failed.reason());
    assertEquals(Samples.scored(1), outcomes.get(1));
  }

  @Test
  void triesAgainBeforeItGivesUp() throws Exception {
    var calls = new AtomicInteger();

    List<Outcome> outcomes =
        score(
            (ticket, rollout) ->
                calls.incrementAndGet() % 2 == 1 ? new Outcome.Failed("busy") : Samples.scored(1),
            1,
            LONG,
            2);

    assertEquals(List.of(Samples.scored(1), Samples.scored(1)), outcomes);
  }

  @Test
  void aCallThatOverrunsFailsAndIsInterrupted() throws Exception {
    var interrupted = new CountDownLatch(1);
    var never = new CountDownLatch(1);

    List<Outcome> outcomes =
        score(
            (ticket, rollout) -> {
              try {
                never.await(50, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
              }
              return Samples.scored(1);
            },
            1,
            SHORT,
            1);

    assertEquals(new Outcome.Failed("no reward within PT0.02S"), outcomes.get(0));
    assertTrue(interrupted.await(50, TimeUnit.SECONDS));
  }

  @Test
  void codeThatIgnoresInterruptsDoesNotHoldUpTheOthers() throws Exception {
    var release = new CountDownLatch(1);

    // One thread only: the second rollout is scored although the first one never lets it go.
    List<Outcome> outcomes =
        score(
            (ticket, rollout) -> {
              while (rollout.sample() == 0 && release.getCount() > 0) {
                Thread.onSpinWait();
              }
              return Samples.scored(rollout.sample());
            },
            1,
            SHORT,
            1);
    release.countDown();

    assertInstanceOf(Outcome.Failed.class, outcomes.get(0));
    assertEquals(Samples.scored(1), outcomes.get(1));
  }
}
