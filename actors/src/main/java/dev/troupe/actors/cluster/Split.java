package dev.troupe.actors.cluster;

import java.util.List;

/**
 * A cluster as one of its nodes sees it when some others have been out of reach for a while.
 *
 * @param nodes all that have ever been up, the oldest first
 */
record Split(List<Seat> nodes) {

  /**
   * A node.
   *
   * @param supervises whether it has the role
   * @param isSelf whether it is the one that looks
   * @param isReachable whether the one that looks can reach it, and others who can be reached can
   */
  record Seat(boolean supervises, boolean isSelf, boolean isReachable) {}

  /** What the node does about it. */
  enum Verdict {
    /** Nothing: another one decides, or nobody need. */
    WAIT,
    /** It gives up those who are out of reach. */
    DOWN_UNREACHABLE,
    /** It gives itself up. */
    DOWN_SELF
  }

  Split {
    nodes = List.copyOf(nodes);
  }

  /**
   * The side of the supervisor goes on: of the oldest node that may supervise. Only where another
   * node out of reach may supervise too does the smaller side give up; of equal sides the one with
   * the oldest goes on. A node that merely works needs no verdict: it looks for its supervisor
   * anew.
   */
  Verdict verdict() {
    List<Seat> supervisors = nodes.stream().filter(Seat::supervises).toList();
    Seat deputy =
        supervisors.stream().filter(Seat::isReachable).findFirst().filter(Seat::isSelf).orElse(null);
    if (deputy == null) {
      return Verdict.WAIT;
    }
    boolean isOldest = deputy == supervisors.get(0);
    long reachable = nodes.stream().filter(Seat::isReachable).count();
    long others = nodes.size() - reachable;
    boolean isRivalled = supervisors.stream().anyMatch(seat -> !seat.isReachable());
    if (others == 0) {
      return Verdict.WAIT;
    }
    if (!isRivalled || reachable > others || reachable == others && isOldest) {
      return Verdict.DOWN_UNREACHABLE;
    }
    return Verdict.DOWN_SELF;
  }
}
