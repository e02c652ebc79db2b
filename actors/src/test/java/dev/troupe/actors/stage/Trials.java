package dev.troupe.actors.stage;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.reward.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Groups for tests: completion i has i + 1 tokens, each of log-probability -1; -1.5 to all else.
 */
final class Trials {
  private Trials() {}

  /** A group with these rewards; NaN is a failure. */
  static ScoredGroup group(long ordinal, double... rewards) {
    var models = new ScoringModels(Samples.version(1000), null, null);
    var id = new TicketId("rl", ordinal);
    var ticket =
        new Ticket(id, Purpose.TRAINING, 0, 0, rewards.length, 7, Samples.version(0), models);
    var rollouts = new ArrayList<Rollout>();
    var reference = new ArrayList<float[]>();
    var outcomes = new ArrayList<Outcome>();
    for (int i = 0; i < rewards.length; i++) {
      int[] tokens = new int[i + 1];
      rollouts.add(
          new Rollout(
              i,
              tokens,
              filled(i + 1, -1f),
              FinishReason.STOP_TOKEN,
              "",
              new Provenance("generator-1", null, ticket.policy())));
      reference.add(filled(i + 1, -1.5f));
      outcomes.add(
          Double.isNaN(rewards[i])
              ? new Outcome.Failed("no server")
              : new Outcome.Scored(rewards[i], Map.of()));
    }
    return new ScoredGroup(
        new Group(ticket, new int[] {1}, rollouts),
        outcomes,
        new ReferencePart(id, models, reference, null, null, 1));
  }

  /** The trials of such a group, all of them. */
  static List<Trial> of(long ordinal, double... rewards) {
    ScoredGroup group = group(ordinal, rewards);
    var trials = new ArrayList<Trial>();
    for (int i = 0; i < rewards.length; i++) {
      trials.add(new Trial(group, i, rewards[i]));
    }
    return trials;
  }

  static List<Double> rewards(List<Trial> trials) {
    return trials.stream().map(Trial::reward).toList();
  }

  private static float[] filled(int length, float value) {
    float[] row = new float[length];
    Arrays.fill(row, value);
    return row;
  }
}
