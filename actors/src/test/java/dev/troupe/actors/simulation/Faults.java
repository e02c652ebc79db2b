package dev.troupe.actors.simulation;

import java.util.EnumSet;
import java.util.Set;

/** What the simulated nodes do wrong. */
final class Faults {

  /** What never comes to an end. */
  enum Hang {
    DECODING,
    TAKING_UP,
    REFERENCE,
    REWARD,
    OPENING,
    TRAINING,
    SAVING,
    CLOSING,
    RECORDING,
    WRITING_THE_LEDGER,
    READING_THE_LEDGER
  }

  /** From now on, whatever is begun of these does not end. */
  final Set<Hang> hangs = EnumSet.noneOf(Hang.class);

  /** How many of the next weights to arrive arrive damaged. */
  int damagedWeights;

  /** How many of the next units to be decoded cannot be. */
  int brokenUnits;
}
