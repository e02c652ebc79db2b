package dev.troupe.runtime.settings;

/**
 * How large log files become.
 *
 * @param mostMib size at which the next file is begun, MiB
 * @param keep older files that stay
 */
public record LogSettings(int mostMib, int keep) {
  static LogSettings from(Checked c) {
    return new LogSettings(c.integer("most-mib", 1, 10_000), c.integer("keep", 1, 100));
  }
}
