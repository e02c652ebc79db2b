package dev.troupe.actors.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.run.SmallRuns;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.rollout.RolloutRow;
import dev.troupe.runtime.settings.PolicyGradientStage;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PromisesTest {
  private static final RunSettings SETTINGS =
      SmallRuns.settings(
          Path.of("unused"),
          """
          { name = sft, kind = sft, from = model, steps = 1, batch = 8 }
          { name = rl, kind = grpo, from = sft, steps = 3, prompts = 2, group-size = 2
            staleness = 1, pacing = newest, old-policy = recomputed, correction.kind = tis }
          """);

  private static final PolicyGradientStage STAGE = (PolicyGradientStage) SETTINGS.stages().get(1);

  /** The stage begins with version 5. */
  private static VersionSet inForce(int epoch, long step) {
    var policy = new PolicyVersion(epoch, 5 + step, "%064x".formatted(step));
    return new VersionSet(step, policy, ScoringModels.NONE);
  }

  private static Decision opened(int epoch, long step) {
    return new Decision.StageOpened(epoch, "rl", inForce(epoch, step));
  }

  private static Decision trained(int epoch, long step, long... tickets) {
    return new Decision.StepTrained(
        "rl",
        LongStream.of(tickets).mapToObj(ordinal -> new TicketId("rl", ordinal)).toList(),
        inForce(epoch, step),
        0.5);
  }

  private static List<String> broken(Decision... decisions) {
    return new Promises(STAGE, List.of(decisions)).broken();
  }

  /** A run that was killed after its second step and went on from a checkpoint of the first. */
  private static final List<Decision> KEPT =
      List.of(
          opened(0, 0),
          trained(0, 1, 0, 1),
          trained(0, 2, 2, 3),
          opened(1, 1),
          trained(1, 3, 4, 5));

  private static List<String> broken(RolloutRow... rows) {
    var promises = new Promises(STAGE, KEPT);
    List.of(rows).forEach(promises::check);
    return promises.broken();
  }

  private static RolloutRow row(long step, int sample, long... versions) {
    var place =
        new RolloutRow.Place("rl", RolloutRow.Purpose.TRAINING, step, "rl/" + 2 * step, sample);
    int[] tokens = new int[versions.length];
    float[] logps = new float[versions.length];
    var sampled =
        new RolloutRow.Sampled(
            tokens, "", tokens, "length", logps, "g", "u", 1, 1, 1, null, versions);
    return new RolloutRow(
        place, null, sampled, null, null, new RolloutRow.Models("", 0, 0, null, null, null, null));
  }

  @Test
  void aRunThatWasKilledAndWentOnKeepsThem() {
    assertEquals(List.of(), broken(KEPT.toArray(Decision[]::new)));
    assertEquals(List.of(), broken(row(1, 0, 5, 5), row(1, 1, 5), row(2, 0, 5, 5, 6)));
  }

  @Test
  void aStepThatCameToSomethingElseWhenItWasTrainedAgainIsNotTrainedTwice() {
    var again = new ArrayList<>(KEPT);
    again.add(4, trained(1, 2, 2, 3));

    assertEquals(List.of(), broken(again.toArray(Decision[]::new)));
  }

  @Test
  void ticketsThatAreLostOrTrainedTwiceAreNamed() {
    assertEquals(
        List.of(
            "stage rl: ticket rl/1 was trained in step 1 and again in step 2",
            "stage rl: step 2 was trained without the tickets [rl/3]",
            "stage rl: step 3 was trained without the tickets [rl/4, rl/5]"),
        broken(opened(0, 0), trained(0, 1, 0, 1), trained(0, 2, 2, 1)));
  }

  @Test
  void versionsThatGoBackAreNamed() {
    assertEquals(
        List.of(
            "stage rl: step 2 put version 0.7@00000000 in force after 1.6@00000000",
            "stage rl: it was opened with version 0.7@00000000 after 1.8@00000000"),
        broken(
            opened(1, 0),
            trained(1, 1, 0, 1),
            trained(0, 2, 2, 3),
            trained(1, 3, 4, 5),
            opened(0, 2)));
  }

  @Test
  void tokensThatAreTooOldOrTooNewOrOutOfOrderAreNamed() {
    String about =
        "stage rl: rl/%d completion 0 of step %d has a token of version %d after one of %d, of %d to %d that may sample it";
    // Step 3 is trained from version 7, and staleness is 1.
    assertEquals(List.of(about.formatted(6, 3, 5, 6, 6, 7)), broken(row(3, 0, 5, 6)));
    assertEquals(List.of(about.formatted(6, 3, 8, 6, 6, 7)), broken(row(3, 0, 6, 8)));
    assertEquals(List.of(about.formatted(6, 3, 6, 7, 6, 7)), broken(row(3, 0, 6, 7, 6)));
  }

  @Test
  void aCompletionThatIsRecordedTwiceIsNamed() {
    assertEquals(
        List.of("stage rl: rl/4 completion 1 is recorded in step 2 and again in step 2"),
        broken(row(2, 1, 6), row(2, 1, 6)));
  }

  @Test
  void onlyTheNewestPacingIsJudgedByThem() {
    assertTrue(Promises.areMadeBy(SETTINGS));
    assertFalse(
        Promises.areMadeBy(
            SmallRuns.settings(
                Path.of("unused"),
                "{ name = sft, kind = sft, from = model, steps = 1, batch = 8 }")));
  }
}
