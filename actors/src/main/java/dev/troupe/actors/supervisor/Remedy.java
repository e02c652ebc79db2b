package dev.troupe.actors.supervisor;

/** What a failure calls for. */
public enum Remedy {
  /** The actor is started again by its own supervision, its work is granted again. */
  REGRANT,
  /** The learner lost its state: the stage is opened again from its latest checkpoint. */
  REOPEN,
  /** Trying again cannot help, as with a prompt that does not fit: the run stops. */
  STOP
}
