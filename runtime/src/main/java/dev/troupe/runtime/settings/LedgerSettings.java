package dev.troupe.runtime.settings;

/**
 * How long finished groups are kept.
 *
 * @param keep which of them
 */
public record LedgerSettings(Keep keep) {

  /** Which groups are kept. */
  public enum Keep {
    /** Those that a resumed run may have to train on again. */
    REPLAY,
    /** Every group that was ever trained on. */
    ALL
  }

  static LedgerSettings from(Checked c) {
    return new LedgerSettings(c.choice("keep", Keep.class));
  }
}
