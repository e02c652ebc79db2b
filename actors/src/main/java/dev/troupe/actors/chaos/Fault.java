package dev.troupe.actors.chaos;

import java.util.Locale;

/** What can happen to a run's processes. */
public enum Fault {
  /** The process is killed at once, as by {@code kill -9} or a power cut. */
  KILL("killed"),
  /** The process gets SIGTERM: it may end in order. */
  TERM("asked to end"),
  /** The process is frozen for some seconds (SIGSTOP, SIGCONT), as on an overloaded host. */
  STOP("frozen for a while"),
  /** The process neither sends nor receives a packet for some seconds; only on a cluster. */
  PARTITION("cut off from the others"),
  /** The wall clock of the process jumps by minutes, forwards or backwards. */
  CLOCK_JUMP("given another time of day"),
  /** The process is killed, and a byte of its newest checkpoint is changed. */
  CORRUPT("killed, a checkpoint damaged"),
  /** The process is killed, and the end of what it wrote last is cut off. */
  TEAR("killed, a record cut off"),
  /** No file can grow any more, as on a full disk. */
  DISK_FULL("out of disk space"),
  /** The process is started with a Java heap that cannot suffice. */
  OOM("started with too little memory");

  private final String pastTense;

  Fault(String pastTense) {
    this.pastTense = pastTense;
  }

  /** What a report says of the process, such as {@code killed}. */
  public String pastTense() {
    return pastTense;
  }

  /** Whether it is about the run directory, or a start, and so about who leads the run. */
  boolean isOfTheLead() {
    return this == CORRUPT || this == TEAR || this == DISK_FULL || this == OOM;
  }

  /** Whether the process goes on, or may do so. */
  boolean isSurvivable() {
    return this == STOP || this == PARTITION || this == CLOCK_JUMP;
  }

  /** The name on the command line, such as {@code disk-full}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
