package dev.troupe.runtime.settings;

/**
 * How much of the disk a run leaves alone.
 *
 * @param keepFreeMib what stays free, MiB; 0 = the disk is not watched
 */
public record DiskSettings(int keepFreeMib) {
  private static final long MIB = 1L << 20;

  static DiskSettings from(Checked c) {
    return new DiskSettings(c.integer("keep-free-mib", 0, Integer.MAX_VALUE));
  }

  /** The same in bytes. */
  public long keepFreeBytes() {
    return keepFreeMib * MIB;
  }
}
