package dev.troupe.actors.supervisor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.Samples;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.model.PolicyVersion;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Steps that compare several policy versions. */
class SeveralVersionsTest extends SupervisorFixture {
  @Test
  void aStepOfSeveralVersionsGrantsEachItsOwnUnitsAndNeverAnothers() {
    start(Samples.comparing("essa", 1, 2));
    opened("essa", Samples.candidates(0, 2));

    ask("g1", first, Samples.version(2)); // It proved the second candidate and gets its unit.
    WorkUnit other = granted(first);
    assertEquals(Samples.version(2), other.policy());

    ask("g2", second, Samples.version(0)); // Nobody samples with the policy itself.
    assertEquals(Samples.version(1), second.expectMessageClass(Generator.Adopt.class).version());
    var forged = new PolicyVersion(0, 1, Samples.version(2).digest());
    ask("g2", second, forged); // The number of one candidate with the weights of another.
    assertEquals(Samples.version(1), second.expectMessageClass(Generator.Adopt.class).version());
    ask("g2", second, Samples.version(1));
    assertEquals(Samples.version(1), granted(second).policy());
  }

  @Test
  void generatorsTakeUpDifferentCandidates() {
    start(Samples.comparing("essa", 1, 2));
    opened("essa", Samples.candidates(0, 2));

    ask("g1", first, null);
    ask("g2", second, null);

    assertEquals(Samples.version(1), first.expectMessageClass(Generator.Adopt.class).version());
    assertEquals(Samples.version(2), second.expectMessageClass(Generator.Adopt.class).version());
  }

  @Test
  void aStepOfSeveralVersionsIsTrainedOnceAllOfThemHaveAnswered() {
    start(Samples.comparing("essa", 2, 2));
    opened("essa", Samples.candidates(0, 2));
    ask("g1", first, Samples.version(1));
    finish("g1", first, granted(first));
    learner.expectNoMessage(Duration.ZERO);
    assertEquals(Samples.version(2), first.expectMessageClass(Generator.Adopt.class).version());
    ask("g1", first, Samples.version(2));
    WorkUnit lost = granted(first);

    // A lost unit is decoded again by the very candidate it was planned for.
    supervisor.tell(new SupervisorCommand.UnitLost(lost.id(), "g1", "out of memory"));
    ask("g2", second, Samples.version(1));
    assertEquals(Samples.version(2), second.expectMessageClass(Generator.Adopt.class).version());
    ask("g2", second, Samples.version(2));
    assertEquals(lost, granted(second));
    finish("g2", second, lost);

    Learner.Train train = ordered(Learner.Train.class);
    assertEquals(4, train.tickets().size()); // Two prompts for each of two candidates.
    supervisor.tell(
        new SupervisorCommand.Trained(
            order, "essa", 0, new StepResult(Samples.candidates(1, 2), Map.of(), 1)));
    assertEquals(Samples.version(4), second.expectMessageClass(Generator.Adopt.class).version());
  }
}
