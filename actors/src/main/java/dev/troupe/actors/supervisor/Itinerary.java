package dev.troupe.actors.supervisor;

import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The stages of a run in their order, and what is measured between them. */
final class Itinerary {
  private final RunPlan plan;
  private final Iterator<StagePlan> stages;

  Itinerary(RunPlan plan) {
    this.plan = plan;
    this.stages = plan.stages().iterator();
  }

  /**
   * The next stage; empty after the last one. Stages that were done before a restart come again,
   * because only their courses can tell whether their last checkpoint is still fit for use.
   */
  Optional<StagePlan> next() {
    return stages.hasNext() ? Optional.of(stages.next()) : Optional.empty();
  }

  /** Whether a stage's result is still to be measured on held-out prompts. */
  boolean isMeasured(StagePlan stage) {
    return plan.evaluation().filter(it -> it.stages().contains(stage.name())).isPresent();
  }

  /** The work of measuring a result. */
  List<WorkUnit> evaluation(StagePlan stage, VersionSet result) {
    return evaluation(stage).units(0, result);
  }

  /** The held-out prompts that a stage is measured on. */
  List<TicketId> heldOut(StagePlan stage) {
    return evaluation(stage).tickets(0);
  }

  private TicketPlan evaluation(StagePlan stage) {
    return plan.evaluation().orElseThrow().of(stage.name());
  }
}
