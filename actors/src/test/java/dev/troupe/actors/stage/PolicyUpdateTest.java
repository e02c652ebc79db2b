package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.offpolicy.DecoupledPpo;
import dev.troupe.algorithms.offpolicy.ImportanceCorrection;
import dev.troupe.algorithms.ppo.ClippedSurrogate;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.settings.EntropySettings;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyUpdateTest {
  /** A sum of three float32 numbers of size 1. */
  private static final double ROUNDING = 1e-6;

  private static final int[] TOKENS = {3, 4, 5};

  /** The trial of a completion whose tokens three versions sampled, the trained one the last. */
  private static Trial mixed(float[] behaviour) {
    ScoredGroup plain = Trials.group(0, 1);
    var provenance =
        new Provenance(
            "generator-1",
            null,
            Samples.version(0),
            List.of(
                new Provenance.Renewal(1, Samples.version(1)),
                new Provenance.Renewal(2, Samples.version(2))));
    var rollout = new Rollout(0, TOKENS, behaviour, FinishReason.STOP_TOKEN, "", provenance);
    var group = new Group(plain.ticket(), new int[] {1, 2}, List.of(rollout));
    return new Trial(new ScoredGroup(group, plain.outcomes(), null), 0, 1);
  }

  private static StepBatch batch(float[] behaviour) {
    return StepBatch.of(List.of(List.of(mixed(behaviour))));
  }

  @Test
  void eachTokenIsWeighedAgainstTheVersionThatSampledIt() {
    try (var policy = new TinyPolicy(0, 64, 1)) {
      float[] now = policy.trainer().logps(batch(new float[3]).sequences(), 1).get(0);
      // The trained weights make the tokens 3, 1/2 and 1 times as likely as who sampled them.
      float[] behaviour = {
        now[0] - (float) Math.log(3), now[1] - (float) Math.log(0.5), now[2],
      };
      double[][] advantages = {{1, 1, 1}};
      StepBatch batch =
          batch(behaviour)
              .withOld(List.of(now))
              .with(new AdvantageEstimator.Estimate(advantages, null), null);
      var update =
          new PolicyUpdate(
              Aggregation.TOKEN_MEAN,
              0,
              1,
              new EntropyTerm(new EntropySettings(0, 0)),
              Optional.empty(),
              null);
      var loss =
          DecoupledPpo.of(new ClippedSurrogate(0.2, 0.2, 0), ImportanceCorrection.truncated(2));
      var reading = new FirstReading(1);
      reading.expect(0, 1);
      try (var step = update.prepare(policy.trainer(), batch, loss, 0, true, reading)) {
        // All ratios are 1 before the first step, and 3 is capped at 2: -(2 + 1/2 + 1) / 3.
        assertEquals(-3.5 / 3, step.apply().loss(), ROUNDING);
      }
    }
  }
}
