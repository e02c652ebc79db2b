package dev.troupe.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.cluster.Split.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a node does about others that it cannot reach. */
class SplitTest {

  /**
   * @param nodes oldest first: {@code S} supervises, {@code w} works; {@code !} before one that is
   *     out of reach, {@code *} before the one that looks
   */
  private static Verdict verdict(String... nodes) {
    List<Split.Seat> seats = new ArrayList<>();
    for (String node : nodes) {
      seats.add(new Split.Seat(node.endsWith("S"), node.startsWith("*"), !node.startsWith("!")));
    }
    return new Split(seats).verdict();
  }

  @Test
  void theOnlySupervisorGivesUpWhoeverIsOutOfReachAndIfItIsEverybody() {
    assertEquals(Verdict.DOWN_UNREACHABLE, verdict("*S", "w", "!w"));
    assertEquals(Verdict.DOWN_UNREACHABLE, verdict("*S", "!w", "!w", "!w"));
  }

  @Test
  void whoOnlyWorksDecidesNothing() {
    assertEquals(Verdict.WAIT, verdict("!S", "*w", "w"));
    assertEquals(Verdict.WAIT, verdict("S", "*w", "!w"));
  }

  @Test
  void ofTwoSupervisorsPartedFromEachOtherExactlyOneSideGoesOn() {
    assertEquals(Verdict.DOWN_SELF, verdict("*S", "!S", "w", "!w", "!w"));
    assertEquals(Verdict.DOWN_UNREACHABLE, verdict("!S", "*S", "!w", "w", "w"));

    assertEquals(Verdict.DOWN_UNREACHABLE, verdict("*S", "!S", "w", "!w"));
    assertEquals(Verdict.DOWN_SELF, verdict("!S", "*S", "!w", "w"));
  }

  @Test
  void aSecondSupervisorLeavesTheDecisionToTheOldestThatCanBeReached() {
    assertEquals(Verdict.WAIT, verdict("S", "*S", "!w"));
    assertEquals(Verdict.DOWN_UNREACHABLE, verdict("!S", "*S", "w"));
    assertEquals(Verdict.WAIT, verdict("!S", "S", "*S"));
  }

  @Test
  void nobodyIsGivenUpWhenAllAreThere() {
    assertEquals(Verdict.WAIT, verdict("*S", "w"));
  }
}
