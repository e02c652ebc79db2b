package dev.troupe.actors.supervisor;

/** Where a run is, in the order in which it comes there; the middle is repeated for each stage. */
enum Phase {
  /** Not every role that the plan needs is played yet. */
  CONVENING,
  /** The learner looks for the latest checkpoint of a stage. */
  OPENING,
  /** Groups are sampled and scored, and the learner trains on them, step by step. */
  TRAINING,
  /** The learner closes a stage after its last step. */
  CONCLUDING,
  /** What came of a stage answers held-out prompts. */
  EVALUATING,
  /** Nothing happens any more. */
  ENDED;

  /** Whether several learners may be at work together. */
  boolean isShared() {
    return this == OPENING || this == TRAINING;
  }

  /** Whether a stage was begun and the run is not over. */
  boolean isUnderWay() {
    return this != CONVENING && this != ENDED;
  }
}
