package dev.troupe.actors.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.actors.Samples;
import dev.troupe.actors.experience.FinishedGroup;
import dev.troupe.actors.protocol.Given;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Interplay;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.runtime.reward.Outcome;
import java.io.NotSerializableException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroupFormTest {
  /** A group of a rollout with several turns and a plain one. */
  private static FinishedGroup group() {
    Ticket ticket = Samples.unit(Samples.versions(0)).tickets().get(0);
    Group plain = Samples.group(ticket);
    Rollout first = plain.rollouts().get(0);
    var interplay =
        new Interplay(
            List.of(new Given(1, false, new int[] {7})), 2, "a\nb", Optional.of(Samples.scored(1)));
    var turns =
        new Rollout(
            first.sample(),
            first.tokens(),
            first.logps(),
            first.finish(),
            first.text(),
            first.provenance(),
            interplay);
    var group = new Group(ticket, plain.promptTokens(), List.of(turns, plain.rollouts().get(1)));
    List<Outcome> outcomes = List.of(Samples.scored(1), new Outcome.Failed("no"));
    return new FinishedGroup(new ScoredGroup(group, outcomes, null), 20, 30);
  }

  @Test
  void aGroupOfSeveralTurnsComesBackAsItWas() throws Exception {
    FinishedGroup group = group();

    assertEquals(Specimens.plain(group), Specimens.plain(GroupForm.read(GroupForm.write(group))));
  }

  @Test
  void groupsInAnEarlierFormatAreRefusedNotMisread() {
    byte[] bytes = GroupForm.write(group());
    assertEquals(3, bytes[0]);
    bytes[0] = 1;

    var refused = assertThrows(NotSerializableException.class, () -> GroupForm.read(bytes));
    assertEquals(
        "A finished \"group\" came in format 1, but this program reads format 3; it was written by"
            + " another version of the program.",
        refused.getMessage());
  }
}
