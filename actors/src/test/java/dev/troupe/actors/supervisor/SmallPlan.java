package dev.troupe.actors.supervisor;

import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.actors.supervisor.SmallCompany.Office;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.Pacing;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a small company is to do: the units of its steps, and the weights that it comes to. */
final class SmallPlan {
  final Fence fence;
  final StagePlan stage;
  final TicketPlan tickets;
  private final Map<PolicyVersion, Map<Long, List<WorkUnit>>> units = new HashMap<>();

  /**
   * @param fence the rules
   * @param stage units of one ticket each
   */
  SmallPlan(Fence fence, StagePlan stage) {
    this.fence = fence;
    this.stage = stage;
    this.tickets = stage.tickets().orElseThrow();
  }

  /** Weights of a number, as they were trained in some epoch. */
  static PolicyVersion version(int epoch, int number, int trainedIn) {
    return new PolicyVersion(epoch, number, digest(0xa0 + 8 * number + 2 * trainedIn));
  }

  private static String digest(int code) {
    return "%02x".formatted(code).repeat(32);
  }

  /** The same weights in another epoch. */
  static PolicyVersion of(int epoch, PolicyVersion version) {
    return new PolicyVersion(epoch, version.number(), version.digest());
  }

  /** The digest of weights that were damaged on their way: an odd code. */
  static String damaged(PolicyVersion version) {
    return digest(code(version) + 1);
  }

  private static int code(PolicyVersion version) {
    return Integer.parseInt(version.digest().substring(0, 2), 16);
  }

  boolean isNewest() {
    return stage.pacing() == Pacing.NEWEST;
  }

  /** Whether a unit is decoded, at first, by weights that are meant to. */
  boolean mayBegin(WorkUnit unit, PolicyVersion held) {
    if (held == null) {
      return false;
    }
    return isNewest()
        ? held.number() >= unit.policy().number() && code(held) % 2 == 0
        : held.digest().equals(unit.policy().digest());
  }

  /** The versions that may have sampled a unit of a step that is trained now. */
  Collection<PolicyVersion> samplers(Office office, WorkUnit unit) {
    return isNewest()
        ? office.inForce().tailMap((int) stage.samplingStep(office.step())).values()
        : List.of(unit.policy());
  }

  /** The units of a step that are bound to a version. */
  List<WorkUnit> units(long step, PolicyVersion policy) {
    return units
        .computeIfAbsent(policy, key -> new HashMap<>())
        .computeIfAbsent(
            step,
            key ->
                tickets.units(step, new VersionSet(policy.number(), policy, ScoringModels.NONE)));
  }

  /** The units of a step as a supervisor plans them. */
  List<WorkUnit> units(Office office, long step) {
    return units(step, office.inForce().get((int) stage.samplingStep(step)));
  }

  static TicketId ticket(WorkUnit unit) {
    return unit.tickets().get(0).id();
  }

  static String name(int generator) {
    return "generator-" + (generator + 1);
  }
}
