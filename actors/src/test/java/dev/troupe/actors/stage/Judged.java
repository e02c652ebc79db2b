package dev.troupe.actors.stage;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.reward.Outcome;
import java.util.ArrayList;
import java.util.List;

/** Groups whose rollouts have given tokens and rewards. */
final class Judged {
  private static final int[] PROMPT = {3, 4};

  private Judged() {}

  /** A group with completions of one token each; NaN for a scoring that failed. */
  static ScoredGroup group(double... rewards) {
    int[][] tokens = new int[rewards.length][];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = new int[] {i};
    }
    return group(tokens, rewards);
  }

  /** A group of completions with these tokens. */
  static ScoredGroup group(int[][] tokens, double[] rewards) {
    var ticket =
        new Ticket(
            new TicketId("s", 0),
            Purpose.TRAINING,
            0,
            0,
            rewards.length,
            7,
            Samples.version(0),
            ScoringModels.NONE);
    var rollouts = new ArrayList<Rollout>();
    var outcomes = new ArrayList<Outcome>();
    for (int i = 0; i < rewards.length; i++) {
      rollouts.add(
          new Rollout(
              i,
              tokens[i],
              new float[tokens[i].length],
              FinishReason.LENGTH,
              "x".repeat(tokens[i].length),
              new Provenance("generator-1", null, ticket.policy())));
      outcomes.add(
          Double.isNaN(rewards[i]) ? new Outcome.Failed("no reward") : Samples.scored(rewards[i]));
    }
    return new ScoredGroup(new Group(ticket, PROMPT, rollouts), List.copyOf(outcomes), null);
  }
}
