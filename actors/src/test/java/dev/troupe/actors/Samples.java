package dev.troupe.actors;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.Deadlines;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.settings.Pacing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Small messages for tests of actors: two prompts a step, two samples each, units of one prompt.
 */
public final class Samples {
  public static final Deadlines DEADLINES =
      new Deadlines(
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofSeconds(30));
  private static final Sampling SAMPLING = Sampling.plain(4, List.of(2));

  private Samples() {}

  /** The version after that many steps, with a digest of its own. */
  public static PolicyVersion version(long number) {
    return new PolicyVersion(0, number, "%064x".formatted(number + 1));
  }

  public static VersionSet versions(long step) {
    return new VersionSet(step, version(step), ScoringModels.NONE);
  }

  public static VersionSet referenced(long step) {
    return new VersionSet(step, version(step), new ScoringModels(version(1000), null, null, null));
  }

  public static TicketPlan tickets(String phase, int unitPrompts) {
    return new TicketPlan(
        phase, Purpose.TRAINING, 7, 2, 2, unitPrompts, SAMPLING, Math::toIntExact);
  }

  public static StagePlan stage(String name, long steps, int staleness) {
    return new StagePlan(
        name,
        "grpo",
        steps,
        0,
        Optional.of(tickets(name, 1)),
        staleness,
        false,
        1000,
        DEADLINES,
        Metric.REWARD_MEAN);
  }

  /** A stage that the newest versions sample. */
  public static StagePlan newest(String name, long steps, int staleness) {
    StagePlan window = stage(name, steps, staleness);
    return new StagePlan(
        name,
        window.kind(),
        steps,
        0,
        window.tickets().map(tickets -> tickets.paced(Pacing.NEWEST)),
        staleness,
        false,
        1000,
        DEADLINES,
        window.keyMetric());
  }

  /** A stage whose steps each compare some candidates, a unit for each. */
  public static StagePlan comparing(String name, long steps, int candidates) {
    TicketPlan tickets =
        tickets(name, 2).comparing(candidates, (step, candidate, index) -> 2 * step + index);
    return new StagePlan(
        name,
        "essa",
        steps,
        0,
        Optional.of(tickets),
        0,
        false,
        1000,
        DEADLINES,
        Metric.REWARD_MEAN);
  }

  /** The versions of a step of such a stage: its policy, and behind it the candidates. */
  public static VersionSet candidates(long step, int candidates) {
    long policy = step * (1 + candidates);
    var versions = new ArrayList<PolicyVersion>();
    for (int i = 1; i <= candidates; i++) {
      versions.add(version(policy + i));
    }
    return new VersionSet(step, version(policy), ScoringModels.NONE, versions);
  }

  public static StagePlan withoutTickets(String name, long steps) {
    return withoutTickets(name, steps, 1000);
  }

  /** With a checkpoint after every so many steps. */
  public static StagePlan withoutTickets(String name, long steps, int every) {
    return new StagePlan(
        name, "sft", steps, 0, Optional.empty(), 0, true, every, DEADLINES, Metric.LOSS);
  }

  public static WorkUnit unit(VersionSet versions) {
    return tickets("grpo", 2).units(versions.step(), versions).get(0);
  }

  public static Harvest harvest(WorkUnit unit) {
    var groups = new ArrayList<Group>();
    for (Ticket ticket : unit.tickets()) {
      groups.add(group(ticket));
    }
    return new Harvest(unit, groups, 1000);
  }

  /** All of a harvest in one part. */
  public static HarvestPart part(Harvest harvest) {
    return harvest.parts(Long.MAX_VALUE).get(0);
  }

  public static Group group(Ticket ticket) {
    var rollouts = new ArrayList<Rollout>();
    for (int sample = 0; sample < ticket.samples(); sample++) {
      rollouts.add(
          new Rollout(
              sample,
              new int[] {5, 2},
              new float[] {-0.5f, -0.25f},
              FinishReason.STOP_TOKEN,
              "text " + ticket.id().ordinal() + "." + sample,
              new Provenance("generator-1", null, ticket.policy())));
    }
    return new Group(ticket, new int[] {1, 4}, rollouts);
  }

  public static RewardPart rewards(Ticket ticket) {
    return new RewardPart(ticket.id(), List.of(scored(1), scored(0)), 10);
  }

  public static Outcome.Scored scored(double total) {
    return new Outcome.Scored(total, Map.of("sample", total));
  }

  public static ReferencePart reference(Ticket ticket) {
    List<float[]> rows = List.of(new float[] {-1, -1}, new float[] {-2, -2});
    return new ReferencePart(ticket.id(), ticket.scoring(), rows, null, null, null, 10);
  }

  public static GroupFacts facts(Ticket ticket) {
    return new GroupFacts(
        ticket.id(),
        ticket.step(),
        ticket.example(),
        ticket.purpose(),
        List.of(1.0, 0.0),
        List.of(),
        4,
        100,
        10,
        0);
  }
}
