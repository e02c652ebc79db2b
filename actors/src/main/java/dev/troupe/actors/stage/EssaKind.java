package dev.troupe.actors.stage;

import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.EssaStage;
import java.util.Optional;

/** Evolution of the singular values of trained adapters: ESSA. */
final class EssaKind implements StageKind<EssaStage> {

  @Override
  public StagePlan plan(EssaStage settings, PlanContext context) {
    TicketPlan tickets =
        context.training(
            settings.name(),
            settings.prompts(),
            settings.samples(),
            settings.unitPrompts(),
            settings.sampling());
    return new StagePlan(
        settings.name(),
        settings.kind(),
        settings.learnerSteps(),
        context.firstVersion(),
        Optional.of(tickets.comparing(settings.population(), draws(settings))),
        0,
        false,
        context.settings().checkpoints().every(),
        context.deadlines(settings.name()),
        Metric.REWARD_MEAN);
  }

  /**
   * All candidates of a generation read the same prompts and the same random numbers. In the final
   * comparison two results take turns, so each pair of turns reads prompts of its own.
   */
  private static TicketPlan.Draws draws(EssaStage settings) {
    long generations = settings.steps();
    long prompts = settings.prompts();
    return (step, candidate, index) ->
        (step + (step < generations ? 0 : candidate / 2)) * prompts + index;
  }

  @Override
  public Course course(EssaStage settings, StagePlan plan, Workbench bench) {
    return new EssaCourse(plan, bench, settings);
  }
}
