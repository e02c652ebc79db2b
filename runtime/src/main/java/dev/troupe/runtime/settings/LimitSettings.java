package dev.troupe.runtime.settings;

/**
 * When a run gives up what fails again and again.
 *
 * @param grants how often a work unit is given out before its failure stops the run
 * @param departures how often the generator of a unit may be lost before the unit counts as what
 *     loses them
 * @param reopenings how often a stage goes back to its checkpoint without a step trained since
 * @param failedShare share of failed rollouts in a step above which the run stops
 */
public record LimitSettings(int grants, int departures, int reopenings, double failedShare) {
  static LimitSettings from(Checked c) {
    return new LimitSettings(
        c.integer("grants", 1, 1000),
        c.integer("departures", 1, 1000),
        c.integer("reopenings", 0, 1000),
        c.decimal("failed-share", 0, 1));
  }
}
