package dev.troupe.actors.stage;

import dev.troupe.runtime.settings.StageSettings;

/**
 * One kind of stage: how it is planned and what the learner does in it.
 *
 * @param <S> its settings
 */
interface StageKind<S extends StageSettings> {

  /** What the supervisor plans with. */
  StagePlan plan(S settings, PlanContext context);

  /** What the learner follows, once; it may be made again after a failure. */
  Course course(S settings, StagePlan plan, Workbench bench);

  /**
   * Whether several learners can train the stage together: its course then does the same on all of
   * them, given the same groups.
   */
  default boolean isShared() {
    return false;
  }
}
