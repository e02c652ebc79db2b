package dev.troupe.actors.supervisor;

import dev.troupe.actors.protocol.UnitId;

/** What a wait is for, as the key of its timer. */
sealed interface WaitKey {

  /** A granted unit's groups. */
  record UnitDone(UnitId unit) implements WaitKey {}

  /** A generator that takes up a version. */
  record Adoption(String generator) implements WaitKey {}

  /** Any generator, while units wait and nobody works. */
  record AnyGenerator() implements WaitKey {}

  /** Anybody who plays a role. */
  record Player(String role) implements WaitKey {}

  /** The learner's answer to the order it was given last. */
  record Learner() implements WaitKey {}

  /** The experience's word that groups have arrived, after some did not. */
  record Arrival() implements WaitKey {}

  /** The learner's word that a checkpoint is written. */
  record Saving() implements WaitKey {}

  /** The experience's answer to an ask for groups in the ledger. */
  record Recalled(long ask) implements WaitKey {}

  /** The end of what was begun, before the run ends. */
  record Grace() implements WaitKey {}

  /** The recorder's word that a step is written down. */
  record Recorder() implements WaitKey {}
}
