package dev.troupe.actors.simulation;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.reward.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What simulated engines compute: pure functions of what a ticket says, as the real ones are. A
 * step's weights are a number that depends on everything that the step was trained on.
 */
final class Content {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  /** The share of rollouts that cannot be scored. */
  private static final double UNSCORABLE = 0.002;

  private static final int LONGEST = 64;
  private static final PolicyVersion REFERENCE = new PolicyVersion(0, 0, digest(1));

  private Content() {}

  /** A well-mixed number (SplitMix64's finaliser). */
  static long mix(long a, long b) {
    long z = (a ^ b * GOLDEN) + GOLDEN;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  static String digest(long weights) {
    return "%064x".formatted(weights);
  }

  /** The weights behind a digest. */
  static long weights(String digest) {
    return Long.parseUnsignedLong(digest.substring(48), 16);
  }

  /** The version after that many steps. */
  static VersionSet versions(StagePlan stage, long step, long weights) {
    return new VersionSet(
        step,
        new PolicyVersion(0, stage.version(step), digest(weights)),
        new ScoringModels(REFERENCE, null, null, null));
  }

  /** Tokens of a completion: most are short and a few are very long. */
  static int length(Ticket ticket, int sample) {
    double uniform = (mix(mix(ticket.seed(), ticket.draw()), sample) >>> 11) * 0x1p-53;
    return (int) Math.min(LONGEST, 1 + Math.floor(4 / Math.sqrt(1 - uniform + 1e-9)));
  }

  /**
   * @param held the version that begins
   * @param newer the version that samples the rest of each completion from some token on; null for
   *     none
   */
  static Group group(
      Ticket ticket, String generator, UnitId unit, PolicyVersion held, PolicyVersion newer) {
    var rollouts = new ArrayList<Rollout>(ticket.samples());
    for (int sample = 0; sample < ticket.samples(); sample++) {
      int[] tokens = new int[length(ticket, sample)];
      tokens[0] = (int) mix(mix(weights(held.digest()), ticket.draw()), sample) >>> 1;
      var renewals = new ArrayList<Provenance.Renewal>();
      if (newer != null && tokens.length > 1) {
        int from = 1 + Math.floorMod(mix(tokens[0], newer.number()), tokens.length - 1);
        renewals.add(new Provenance.Renewal(from, newer));
      }
      rollouts.add(
          new Rollout(
              sample,
              tokens,
              new float[tokens.length],
              FinishReason.STOP_TOKEN,
              "",
              new Provenance(generator, unit, held, renewals)));
    }
    return new Group(ticket, new int[] {1}, rollouts);
  }

  /** The reward of a completion, or that it cannot be scored: never a reward of 0. */
  static Outcome outcome(Ticket ticket, Rollout rollout) {
    double uniform = (mix(ticket.draw(), 31L * rollout.sample() + 7) >>> 11) * 0x1p-53;
    if (uniform < UNSCORABLE) {
      return new Outcome.Failed("no reward within PT2M");
    }
    return new Outcome.Scored(rollout.tokens()[0] % 2, Map.of("parity", 1.0));
  }

  /** Weights after a step that was trained on these groups with these outcomes. */
  static long trained(long weights, List<Group> groups, List<List<Outcome>> outcomes) {
    long next = mix(weights, groups.size());
    for (int g = 0; g < groups.size(); g++) {
      Group group = groups.get(g);
      next = mix(next, group.ticket().id().ordinal());
      for (Rollout rollout : group.rollouts()) {
        Outcome outcome = outcomes.get(g).get(rollout.sample());
        long reward = outcome instanceof Outcome.Scored scored ? (long) scored.total() : -1;
        next = mix(mix(next, rollout.tokens()[0]), 3L * rollout.length() + reward);
        for (Provenance.Renewal renewal : rollout.provenance().renewals()) {
          next = mix(next, renewal.from() + weights(renewal.policy().digest()));
        }
      }
    }
    return next;
  }

  /** The weights that a stage ends with when nothing ever goes wrong, computed without actors. */
  static long expected(StagePlan stage) {
    TicketPlan plan = stage.tickets().orElseThrow();
    var history = new ArrayList<Long>(List.of(START));
    for (long step = 0; step < stage.steps(); step++) {
      long sampling = history.get(Math.toIntExact(stage.samplingStep(step)));
      VersionSet versions = versions(stage, stage.samplingStep(step), sampling);
      var groups = new ArrayList<Group>();
      var outcomes = new ArrayList<List<Outcome>>();
      plan.units(step, versions).stream()
          .flatMap(unit -> unit.tickets().stream())
          .forEach(
              ticket -> {
                Group group = group(ticket, "", null, versions.policy(), null);
                groups.add(group);
                outcomes.add(outcomes(group));
              });
      history.add(trained(history.get(history.size() - 1), groups, outcomes));
    }
    return history.get(history.size() - 1);
  }

  /** How many completions of each length the tickets of a stage ask for. */
  static Map<Integer, Long> lengths(StagePlan stage) {
    TicketPlan plan = stage.tickets().orElseThrow();
    var lengths = new TreeMap<Integer, Long>();
    for (long step = 0; step < stage.steps(); step++) {
      for (WorkUnit unit : plan.units(step, versions(stage, 0, START))) {
        for (Ticket ticket : unit.tickets()) {
          for (int sample = 0; sample < ticket.samples(); sample++) {
            lengths.merge(length(ticket, sample), 1L, Long::sum);
          }
        }
      }
    }
    return lengths;
  }

  static List<Outcome> outcomes(Group group) {
    return group.rollouts().stream().map(it -> outcome(group.ticket(), it)).toList();
  }

  /** The weights that a run starts with. */
  static final long START = 42;
}
