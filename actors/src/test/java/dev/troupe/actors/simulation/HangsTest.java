package dev.troupe.actors.simulation;

import static dev.troupe.actors.simulation.SimulatedRun.stage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.simulation.Company.Kind;
import dev.troupe.actors.simulation.Faults.Hang;
import dev.troupe.actors.supervisor.Wait;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever hangs is named, in the list of what the run waits for and when its time is over. */
class HangsTest {
  /** A name is there at most this long after its deadline. */
  private static final Duration PROMPTLY = Duration.ofSeconds(5);

  private static SimulatedRun small() {
    return new SimulatedRun(1, stage(8, 32, 4, 1)).with(6, 2, 2);
  }

  private static Consumer<SimulatedRun> hang(Hang hang) {
    return run -> run.company.faults().hangs.add(hang);
  }

  private static void loseAll(SimulatedRun run, Kind kind) {
    run.company.nodes(kind).forEach(run.company::lose);
  }

  private static void part(SimulatedRun run, String... nodes) {
    run.company.part(new HashSet<>(List.of(nodes)), Duration.ofDays(1000));
  }

  static Stream<Arguments> hangs() {
    return Stream.of(
        Arguments.of("a device that decodes", hang(Hang.DECODING), "given to generator-1@"),
        Arguments.of("weights on their way", hang(Hang.TAKING_UP), "to take up policy version"),
        Arguments.of("a reward", hang(Hang.REWARD), "the rewards and reference parts of work unit"),
        Arguments.of(
            "a frozen model", hang(Hang.REFERENCE), "the rewards and reference parts of work unit"),
        Arguments.of("a step", hang(Hang.TRAINING), "the learner to train step"),
        Arguments.of("a checkpoint", hang(Hang.SAVING), "the learner to save step"),
        Arguments.of("the end of a stage", hang(Hang.CLOSING), "the learner to close"),
        Arguments.of("the records", hang(Hang.RECORDING), "the recorder to write down step"),
        Arguments.of(
            "the ledger, written", hang(Hang.WRITING_THE_LEDGER), "of work unit grpo/step"),
        Arguments.of(
            "the ledger, read",
            (Consumer<SimulatedRun>)
                run -> {
                  run.company.faults().hangs.add(Hang.READING_THE_LEDGER);
                  run.company.replaceLearner(Duration.ofSeconds(5));
                },
            "in the ledger"),
        Arguments.of(
            "a stage that opens again",
            (Consumer<SimulatedRun>)
                run -> {
                  run.company.faults().hangs.add(Hang.OPENING);
                  run.company.replaceLearner(Duration.ofSeconds(5));
                },
            "the learner to open"),
        Arguments.of(
            "a learner that is gone",
            (Consumer<SimulatedRun>) run -> run.company.replaceLearner(Duration.ofDays(1000)),
            "a node that plays the role learner"),
        Arguments.of(
            "generators that are gone",
            (Consumer<SimulatedRun>) run -> loseAll(run, Kind.GENERATOR),
            "a node that plays the role generator"),
        Arguments.of(
            "rewards that are gone",
            (Consumer<SimulatedRun>) run -> loseAll(run, Kind.REWARD),
            "a node that plays the role reward"),
        Arguments.of(
            "frozen models that are gone",
            (Consumer<SimulatedRun>) run -> loseAll(run, Kind.REFERENCE),
            "a node that plays the role reference"),
        Arguments.of(
            "a network that parts all generators",
            (Consumer<SimulatedRun>)
                run -> part(run, run.company.nodes(Kind.GENERATOR).toArray(String[]::new)),
            "a node that plays the role generator"),
        Arguments.of(
            "a network that parts all rewards",
            (Consumer<SimulatedRun>)
                run -> part(run, run.company.nodes(Kind.REWARD).toArray(String[]::new)),
            "a node that plays the role reward"),
        Arguments.of(
            "a network that parts the learner, seen by nobody",
            (Consumer<SimulatedRun>)
                run -> run.world.network().part(node -> node.startsWith("learner")),
            "the learner's node to take the groups"),
        Arguments.of(
            "a halted learner, seen by nobody",
            (Consumer<SimulatedRun>) run -> run.world.freeze(run.company.learnerNode()),
            "the learner's node to take the groups"),
        Arguments.of(
            "halted rewards, seen by nobody",
            (Consumer<SimulatedRun>)
                run -> run.company.nodes(Kind.REWARD).forEach(run.world::freeze),
            "the rewards and reference parts of work unit"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hangs")
  void isNamed(String what, Consumer<SimulatedRun> injection, String name) {
    try (SimulatedRun run = small()) {
      run.passUntilStep(3);
      injection.accept(run);
      Wait wait = run.passUntilWaitFor(name);
      run.world
          .time()
          .passUntil(
              () -> false,
              Duration.between(run.world.time().clock().instant(), wait.deadline()).plus(PROMPTLY));
      assertTrue(
          isNamed(run, name) || isNamed(run, "did not take up a policy version in time"),
          () -> run.company.outcome() + "\n" + run.company.storage().warnings());
      // And some time it is over, whatever was tried before.
      run.company.passUntilItEnds(Duration.ofDays(2));
      assertTrue(run.company.outcome().orElseThrow() instanceof RunOutcome.Stopped);
    }
  }

  private static boolean isNamed(SimulatedRun run, String name) {
    return Stream.concat(
            run.company.outcome().stream()
                .map(RunOutcome.Stopped.class::cast)
                .map(it -> it.cause()),
            run.company.storage().warnings().stream())
        .anyMatch(it -> it.contains(name));
  }

  @Test
  void nothingIsNamedInAThousandStepsInWhichNothingHangs() {
    try (SimulatedRun run = new SimulatedRun(5, stage(1000, 4, 2, 1)).with(4, 1, 1)) {
      run.endsAsIfNothingHadHappened();
      assertEquals(List.of(), run.company.storage().warnings());
    }
  }
}
