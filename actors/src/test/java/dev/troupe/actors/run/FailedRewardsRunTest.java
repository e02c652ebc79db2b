package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutRow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs whose reward throws, gives no number or does not come back for some completions. */
class FailedRewardsRunTest {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** Rewards are stored as doubles and averaged in floats. */
  private static final double ROUNDING = 1e-6;

  /** How a completion fails, by its last digit; others are worth that digit. */
  private static final Map<Character, String> REASONS =
      Map.of('1', "I do not like ones", '2', "NaN", '3', "no reward within PT1S");

  @TempDir private Path directory;
  private final Map<String, AtomicInteger> attempts = new ConcurrentHashMap<>();

  private double moody(String completion) throws InterruptedException {
    attempts.computeIfAbsent(completion, text -> new AtomicInteger()).incrementAndGet();
    switch (last(completion)) {
      case '1':
        throw new IllegalStateException("I do not like ones");
      case '2':
        return Double.NaN;
      case '3':
        new CountDownLatch(1).await(1, TimeUnit.MINUTES); // Ends with the deadline.
        return 0;
      default:
        return Character.getNumericValue(last(completion));
    }
  }

  private static char last(String completion) {
    return completion.isEmpty() ? '0' : completion.charAt(completion.length() - 1);
  }

  private RunDraft draft() {
    return RunDraft.named("moody")
        .directory(directory)
        .with("threads", 1)
        .policy(
            Part.empty()
                .with("family", "llama")
                .with("width", 16)
                .with("layers", 2)
                .with("heads", 2)
                .with("feed-forward", 32)
                .with("context", 16),
            Part.of("characters").with("alphabet", "0123456789>"))
        .task(Part.of("sort-digits").with("digits", 3).with("held-out", 100))
        .with("sampling.max-tokens", 3)
        .with("optimizer.learning-rate", 1e-3)
        .stage(
            Stage.of("grpo", "grpo")
                .from("model")
                .steps(2)
                .groups(4, 8)
                .with("deadlines.reward", "1s"));
  }

  private static RunOutcome run(RunDraft draft) throws InterruptedException {
    try (EmbeddedRun run = draft.start()) {
      return run.await(PATIENCE).orElseThrow();
    }
  }

  private List<RolloutRow> rows(long step) {
    try (RolloutArchive archive = RolloutArchive.open(directory)) {
      return archive.rows("grpo", step, Optional.empty(), Integer.MAX_VALUE);
    }
  }

  @Test
  void failuresAreDroppedWithTheirReasonsAndCountedAndNeverZeros() throws Exception {
    RunOutcome outcome = run(draft().reward(RewardFunction.of("moody", this::score), 1));

    assertInstanceOf(RunOutcome.Completed.class, outcome, outcome.toString());
    for (long step = 1; step <= 2; step++) {
      List<RolloutRow> rows = rows(step);
      assertEquals(32, rows.size());
      rows.forEach(this::assertJudged);
      long failed = rows.stream().filter(row -> row.judged().reward() == null).count();
      assertNotEquals(0, failed, "no completion of the step failed: nothing is tested");
      StepMetrics metrics = metrics(step);
      assertEquals(failed, metrics.values().get("reward/failed"), 0.0);
      double mean =
          rows.stream()
              .filter(row -> row.judged().reward() != null)
              .mapToDouble(row -> row.judged().reward())
              .average()
              .orElseThrow();
      assertEquals(mean, metrics.values().get("reward/mean"), ROUNDING);
      assertAdvantagesAreOfTheRest(rows);
    }
    assertTrue(
        attempts.entrySet().stream()
            .filter(it -> last(it.getKey()) == '1')
            .allMatch(it -> it.getValue().get() % 2 == 0),
        "each is tried twice: " + attempts);
  }

  private double score(Example example, String completion) {
    try {
      return moody(completion);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void assertJudged(RolloutRow row) {
    String reason = REASONS.get(last(row.sampled().text()));
    if (reason == null) {
      assertEquals(
          Character.getNumericValue(last(row.sampled().text())), row.judged().reward(), 0.0);
      assertNull(row.judged().failure());
    } else {
      assertNull(row.judged().reward());
      assertTrue(row.judged().failure().contains(reason), row.judged().failure());
      assertEquals(0, row.credit().uses());
    }
  }

  /** What is learnt in a group is relative to the mean of those that have a reward. */
  private static void assertAdvantagesAreOfTheRest(List<RolloutRow> rows) {
    Map<String, List<RolloutRow>> groups =
        rows.stream()
            .filter(row -> row.judged().reward() != null)
            .collect(Collectors.groupingBy(row -> row.place().ticket()));
    groups.forEach(
        (ticket, rest) -> {
          double mean =
              rest.stream().mapToDouble(row -> row.judged().reward()).average().orElseThrow();
          for (RolloutRow row : rest) {
            if (row.credit().uses() > 0) {
              assertEquals(
                  Math.signum(row.judged().reward() - mean),
                  Math.signum(row.credit().advantages()[0]),
                  ticket);
            }
          }
        });
  }

  private StepMetrics metrics(long step) {
    return MetricsLog.read(directory.resolve("metrics.jsonl")).stream()
        .filter(it -> it.stage().equals("grpo") && it.step() == step)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRewardThatFailsForMostStopsTheRunWithItsCommonestReason() throws Exception {
    RunOutcome outcome =
        run(
            draft()
                .reward(
                    RewardFunction.of(
                        "down",
                        (example, completion) -> {
                          throw new IllegalStateException("the service is down");
                        }),
                    1));

    String cause = assertInstanceOf(RunOutcome.Stopped.class, outcome).cause();
    assertTrue(
        cause.startsWith(
            "32 of 32 rollouts of one step could not be scored (more than 50% stops the run), most often because: "),
        cause);
    assertTrue(cause.contains("the service is down"), cause);
  }
}
