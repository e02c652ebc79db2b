package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Given;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Interplay;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.training.TrainingSequence;
import dev.troupe.runtime.training.TrainingSequence.Span;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SequencesTest {
  private static final int[] PROMPT = {1, 2};

  private static Group group(Given... given) {
    var ticket =
        new Ticket(
            new TicketId("rl", 0),
            Purpose.TRAINING,
            0,
            0,
            1,
            7,
            Samples.version(0),
            ScoringModels.NONE);
    var rollout =
        new Rollout(
            0,
            new int[] {10, 11, 12, 13},
            new float[] {-1, -2, -3, -4},
            FinishReason.STOP_TOKEN,
            "",
            new Provenance("generator-1", null, ticket.policy()),
            new Interplay(List.of(given), 2, "", Optional.empty()));
    return new Group(ticket, PROMPT, List.of(rollout));
  }

  private static TrainingSequence one(Given... given) {
    Group group = group(given);
    return Sequences.of(group, group.rollouts().get(0));
  }

  private static void assertSame(TrainingSequence wanted, TrainingSequence found) {
    assertArrayEquals(wanted.tokens(), found.tokens());
    assertEquals(wanted.promptLength(), found.promptLength());
    assertEquals(wanted.given(), found.given());
  }

  @Test
  void sampledTokensStayAsTheyWereSampledWithWhatWasGivenBetweenThem() {
    assertSame(
        new TrainingSequence(new int[] {1, 2, 10, 11, 50, 51, 12, 13}, 2, List.of(new Span(4, 6))),
        one(new Given(2, false, new int[] {50, 51})));
  }

  @Test
  void whatIsGivenFirstIsPromptAndWhatIsGivenLastIsLeftOut() {
    assertSame(
        new TrainingSequence(new int[] {1, 2, 50, 10, 11, 12, 13}, 3),
        one(new Given(0, false, new int[] {50}), new Given(4, false, new int[] {60})));
  }

  @Test
  void givenTokensThatTouchAreOneSpan() {
    assertSame(
        new TrainingSequence(new int[] {1, 2, 10, 50, 51, 11, 12, 13}, 2, List.of(new Span(3, 5))),
        one(new Given(1, false, new int[] {50}), new Given(1, false, new int[] {51})));
  }

  @Test
  void aContextThatIsBegunAnewMakesASegmentOfItsOwn() {
    Group group =
        group(
            new Given(0, true, new int[] {7}),
            new Given(1, false, new int[] {50}),
            new Given(3, true, new int[] {8, 9}));

    List<TrainingSequence> segments = Sequences.of(List.of(group));

    assertEquals(2, segments.size());
    assertSame(
        new TrainingSequence(new int[] {7, 10, 50, 11, 12}, 1, List.of(new Span(2, 3))),
        segments.get(0));
    assertSame(new TrainingSequence(new int[] {8, 9, 13}, 2), segments.get(1));
    assertThrows(
        IllegalArgumentException.class, () -> Sequences.of(group, group.rollouts().get(0)));
    // What models say of the segments comes together again as the rollout's.
    List<float[]> rows = List.of(new float[] {-1, -2, -3}, new float[] {-4});
    assertArrayEquals(
        new float[] {-1, -2, -3, -4}, Sequences.byGroup(rows, List.of(group)).get(0).get(0));
  }

  @Test
  void aStepHasARowForEachSegmentAndOneAdvantageForTheCompletion() {
    Group group = group(new Given(0, true, new int[] {7}), new Given(3, true, new int[] {8, 9}));
    var scored = new ScoredGroup(group, List.of(new Outcome.Scored(1, Map.of())), null);
    StepBatch batch = StepBatch.of(List.of(List.of(new Trial(scored, 0, 1))));

    StepBatch compared =
        batch.with(
            new AdvantageEstimator.Estimate(new double[][] {{0.5, 0.6, 0.7, 0.8}}, null),
            List.of(new float[] {1, 2, 3}, new float[] {4}));

    assertArrayEquals(new int[] {3, 1}, compared.lengths());
    assertArrayEquals(new float[] {-1, -2, -3}, compared.behaviour().get(0));
    assertArrayEquals(new float[] {-4}, compared.behaviour().get(1));
    assertArrayEquals(new float[] {0.5f, 0.6f, 0.7f}, compared.advantages().get(0));
    assertArrayEquals(new float[] {0.8f}, compared.advantages().get(1));
    assertArrayEquals(
        new float[] {1, 2, 3, 4}, batch.byCompletion(compared.values()).get(0)); // for the critic
    assertEquals(2, compared.part(0, 1).sequences().size());
  }
}
