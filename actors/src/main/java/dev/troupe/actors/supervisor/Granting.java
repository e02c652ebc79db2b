package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.Deadlines;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Brings free generators and waiting units together. A generator gets a unit only if the version it
 * has proved is the unit's; otherwise it is told to take that version up. Plain state of the
 * supervisor, no actor.
 */
final class Granting {
  private record Free(ActorRef<Generator.Command> generator, PolicyVersion held) {}

  private final UnitBook book;
  private final Waits waits;
  private final int mostGrants;
  private final Map<String, Free> free = new LinkedHashMap<>();
  private final Map<String, PolicyVersion> adopting = new HashMap<>();
  private final Map<String, Optional<PolicyVersion>> known = new TreeMap<>();

  /**
   * @param mostGrants how often a unit is granted before its loss ends the run
   */
  Granting(UnitBook book, Waits waits, int mostGrants) {
    this.book = book;
    this.waits = waits;
    this.mostGrants = mostGrants;
  }

  /** Notes that a generator asks for work, with the version it has proved. */
  void ask(String name, ActorRef<Generator.Command> generator, PolicyVersion held) {
    waits.close(new WaitKey.Adoption(name));
    adopting.remove(name);
    free.put(name, new Free(generator, held));
    known.put(name, Optional.ofNullable(held));
  }

  /** Every generator that ever asked for work, with the version it had proved then. */
  Map<String, Optional<PolicyVersion>> known() {
    return Collections.unmodifiableMap(known);
  }

  /** Forgets who is taking up a version, because the waits for it are closed: a stage begins. */
  void reset() {
    adopting.clear();
  }

  /** Gives every free generator something to do, as far as there is something. */
  void grant(Deadlines deadlines) {
    for (Iterator<Map.Entry<String, Free>> it = free.entrySet().iterator(); it.hasNext(); ) {
      Map.Entry<String, Free> entry = it.next();
      if (give(entry.getKey(), entry.getValue(), deadlines)) {
        it.remove();
      }
    }
    boolean isNobodyThere =
        book.isAnyWaiting() && free.isEmpty() && adopting.isEmpty() && !book.isAnyGranted();
    var key = new WaitKey.AnyGenerator();
    if (!isNobodyThere) {
      waits.close(key);
    } else if (!waits.isOpen(key)) {
      waits.open(key, "a generator to ask for work", deadlines.generate(), "the run stops");
    }
  }

  private boolean give(String name, Free worker, Deadlines deadlines) {
    Optional<WorkUnit> unit = book.grant(name, worker.held());
    if (unit.isPresent()) {
      waits.open(
          new WaitKey.UnitDone(unit.get().id()),
          "the groups of work unit " + unit.get().id() + ", given to " + name,
          deadlines.unit(),
          mayGrantAgain(unit.get().id())
              ? "the unit is given to another generator"
              : "the run stops");
      worker.generator().tell(new Generator.Grant(unit.get()));
      return true;
    }
    Optional<PolicyVersion> wanted = book.wanted(adopting.values());
    wanted.ifPresent(
        version -> {
          waits.open(
              new WaitKey.Adoption(name),
              name + " to take up policy version " + version,
              deadlines.generate(),
              "the run stops");
          adopting.put(name, version);
          worker.generator().tell(new Generator.Adopt(version));
        });
    return wanted.isPresent();
  }

  /** Whether the loss of a unit can still be made good. */
  boolean mayGrantAgain(UnitId unit) {
    return book.grants(unit) < mostGrants;
  }
}
