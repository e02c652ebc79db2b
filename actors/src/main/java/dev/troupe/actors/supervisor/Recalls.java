package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.supervisor.SupervisorCommand.GroupsRecalled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Units that may have been sampled before a crash: nobody gets them until the experience has said
 * which of their groups the ledger holds. Asks are sent again until they are answered. Plain state
 * of the supervisor, no actor.
 */
final class Recalls {
  private record Ask(List<WorkUnit> units, Experience.Recall message) {}

  private final UnitBook book;
  private final Waits waits;
  private final ActorRef<SupervisorCommand> self;
  private final Map<Long, Ask> open = new LinkedHashMap<>();
  private ActorRef<Experience.Command> experience;
  private long number;
  private boolean isFresh;

  Recalls(UnitBook book, Waits waits, ActorRef<SupervisorCommand> self) {
    this.book = book;
    this.waits = waits;
    this.self = self;
  }

  /** Whom to ask from now on; what was asked before is forgotten. */
  void to(ActorRef<Experience.Command> next) {
    clear();
    experience = next;
  }

  /** Plans units and holds them back until the ledger was looked into. */
  void plan(List<WorkUnit> units, Duration patience) {
    book.hold(units);
    number++;
    var message =
        new Experience.Recall(
            number,
            units.get(0).pacing(),
            units.stream().flatMap(unit -> unit.tickets().stream()).toList(),
            self);
    open.put(number, new Ask(units, message));
    waits.open(
        new WaitKey.Recalled(number),
        "the experience to look for the groups of " + units.get(0).id() + " in the ledger",
        patience,
        "the run stops");
    isFresh = true;
    experience.tell(message);
  }

  /**
   * Takes note of an answer: what the ledger holds is complete, the rest is to be sampled.
   *
   * @return the groups that count now; none if the answer came before
   */
  List<GroupFacts> settle(GroupsRecalled answer) {
    Ask ask = open.remove(answer.ask());
    if (ask == null) {
      return List.of();
    }
    waits.close(new WaitKey.Recalled(answer.ask()));
    book.free(ask.units());
    var counted = new ArrayList<GroupFacts>();
    for (GroupFacts facts : answer.groups()) {
      book.complete(facts);
      counted.add(facts);
    }
    return counted;
  }

  /** Sends again what is not answered, unless it was asked since the last call. */
  void repeat() {
    if (!isFresh) {
      open.values().forEach(ask -> experience.tell(ask.message()));
    }
    isFresh = false;
  }

  void clear() {
    open.keySet().forEach(ask -> waits.close(new WaitKey.Recalled(ask)));
    open.clear();
  }
}
