package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.fence.Hearing;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.stage.Deadlines;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Brings free generators and waiting units together. A generator gets a unit only if the version it
 * has proved is the unit's; otherwise it is told to take that version up. Each of its asks gets one
 * answer, which is sent again when the ask comes again. Plain state of the supervisor, no actor.
 */
final class Granting {

  /** What is known of a generator. */
  private static final class Worker {
    final String name;
    final ActorRef<Generator.Command> generator;
    long ask;
    PolicyVersion held;

    /** The answer to its last ask; null while it is free. */
    Generator.Command answer;

    /** What it is taking up, while the run waits for that. */
    PolicyVersion adopting;

    Worker(String name, ActorRef<Generator.Command> generator) {
      this.name = name;
      this.generator = generator;
    }
  }

  private final UnitBook book;
  private final Waits waits;
  private final int mostGrants;
  private final Consumer<String> warnings;
  private final Map<String, Worker> workers = new LinkedHashMap<>();

  /** Those that have asked and have no answer yet, who asked first before the others. */
  private final Set<Worker> free = new LinkedHashSet<>();

  /** How many generators are taking up a version. */
  private final Map<PolicyVersion, Integer> coming = new HashMap<>();

  private Set<ActorRef<Generator.Command>> listed = Set.of();
  private ActorRef<Experience.Command> experience;

  /**
   * @param mostGrants how often a unit is granted without success before its loss ends the run
   * @param warnings is told of every loss that is made good
   */
  Granting(UnitBook book, Waits waits, int mostGrants, Consumer<String> warnings) {
    this.book = book;
    this.waits = waits;
    this.mostGrants = mostGrants;
    this.warnings = warnings;
  }

  /**
   * Takes note of an ask for work.
   *
   * @return whether it is a new one; one that was answered before is answered again here
   */
  boolean ask(SupervisorCommand.RequestWork request) {
    Worker worker = workers.get(request.generator());
    boolean isSame = worker != null && worker.generator.equals(request.replyTo());
    Hearing heard = Hearing.of(request.ask(), isSame, isSame ? worker.ask : 0);
    if (heard == Hearing.REPEATED && worker.answer != null) {
      worker.generator.tell(worker.answer);
    }
    if (heard != Hearing.NEW) {
      return false;
    }
    if (!isSame) {
      worker = new Worker(request.generator(), request.replyTo());
    }
    forget(worker.name);
    workers.put(worker.name, worker);
    free.add(worker);
    worker.ask = request.ask();
    worker.held = request.held();
    worker.answer = null;
    return true;
  }

  private void forget(String name) {
    Worker worker = workers.remove(name);
    if (worker != null) {
      free.remove(worker);
      adopt(worker, null);
      waits.close(new WaitKey.Adoption(name));
    }
  }

  private void adopt(Worker worker, PolicyVersion version) {
    if (worker.adopting != null) {
      coming.computeIfPresent(worker.adopting, (it, count) -> count == 1 ? null : count - 1);
    }
    worker.adopting = version;
    if (version != null) {
      coming.merge(version, 1, Integer::sum);
    }
  }

  /**
   * Expects nothing any more from a generator that did not take a version up in time; if it asks
   * again it is welcome.
   */
  void abandon(String generator) {
    warnings.accept(
        generator + " did not take up a policy version in time; the run goes on without it");
    forget(generator);
  }

  /**
   * Takes note that a generator has sent the groups of a unit on.
   *
   * @param unit null for none
   */
  void decoded(UnitId unit, String generator) {
    book.decoded(unit, generator);
    if (book.holder(unit).filter(generator::equals).isPresent()) {
      waits.rename(
          new WaitKey.UnitDone(unit),
          "the rewards and reference parts of work unit " + unit + ", decoded by " + generator);
    }
  }

  /** Every generator that asks for work, with the version it has proved. */
  Map<String, Optional<PolicyVersion>> known() {
    var known = new TreeMap<String, Optional<PolicyVersion>>();
    workers.values().forEach(it -> known.put(it.name, Optional.ofNullable(it.held)));
    return Collections.unmodifiableMap(known);
  }

  /**
   * Takes note of who can be reached. Nothing is expected from those that could be before.
   *
   * @return why the run cannot go on, if so
   */
  Optional<String> listed(Set<ActorRef<Generator.Command>> present) {
    Optional<String> end = Optional.empty();
    for (Worker worker : List.copyOf(workers.values())) {
      if (listed.contains(worker.generator) && !present.contains(worker.generator)) {
        forget(worker.name);
        end = end.or(() -> forsake(worker.name, worker.name + " is out of reach"));
      }
    }
    listed = Set.copyOf(present);
    return end;
  }

  /**
   * Takes back what a generator has not decoded and never will.
   *
   * @return why the run cannot go on, if so
   */
  Optional<String> forsake(String generator, String cause) {
    for (UnitId unit : book.undecodedBy(generator)) {
      waits.close(new WaitKey.UnitDone(unit));
      if (!book.depart(unit)) {
        return Optional.of(
            "Work unit %s lost every generator that had it: %s.".formatted(unit, cause));
      }
      warnings.accept("Work unit " + unit + " is given to another generator: " + cause);
    }
    return Optional.empty();
  }

  /** Takes back what a generator was given that has left in order; nothing was lost. */
  void retire(String generator) {
    forget(generator);
    for (UnitId unit : book.undecodedBy(generator)) {
      waits.close(new WaitKey.UnitDone(unit));
      book.strand(unit);
    }
  }

  /**
   * Takes back a unit that a generator could not decode, if that still has it.
   *
   * @return why the run cannot go on, if so
   */
  Optional<String> lost(SupervisorCommand.UnitLost lost) {
    boolean isHis = book.holder(lost.unit()).filter(lost.generator()::equals).isPresent();
    return isHis ? lose(lost.unit(), lost.cause()) : Optional.empty();
  }

  /**
   * Takes back a unit that failed.
   *
   * @return why the run cannot go on, if so
   */
  Optional<String> lose(UnitId unit, String cause) {
    waits.close(new WaitKey.UnitDone(unit));
    if (book.grants(unit) == 0) {
      return Optional.empty(); // Closed meanwhile, or of a stage that is over.
    }
    if (!mayGrantAgain(unit)) {
      return Optional.of(
          "Work unit %s was given out %d times without success: %s."
              .formatted(unit, book.grants(unit), cause));
    }
    warnings.accept("Work unit " + unit + " is given out again: " + cause);
    book.release(unit);
    return Optional.empty();
  }

  /**
   * Takes back a unit whose groups did not arrive. That alone could go on for ever, so the run
   * waits until some arrive.
   */
  void strand(UnitId unit, String generator, Deadlines deadlines) {
    if (book.holder(unit).filter(generator::equals).isEmpty()) {
      return;
    }
    waits.close(new WaitKey.UnitDone(unit));
    book.strand(unit);
    warnings.accept(
        "Work unit %s is given out again: its groups did not arrive from %s at the learner's node"
            .formatted(unit, generator));
    if (experience != null && !waits.isOpen(new WaitKey.Arrival())) {
      waits.open(
          new WaitKey.Arrival(),
          "the learner's node to take the groups that generators send it",
          deadlines.train(),
          "the run stops");
    }
  }

  /** Forgets who is taking up a version, because the waits for it are closed: a stage begins. */
  void reset() {
    experience = null;
    workers.values().forEach(worker -> worker.adopting = null);
    coming.clear();
  }

  /** From now on groups go there; null for nowhere, until there is a learner again. */
  void to(ActorRef<Experience.Command> next) {
    experience = next;
    waits.close(new WaitKey.Arrival());
  }

  /** Gives every free generator something to do, as far as there is something. */
  void grant(Deadlines deadlines) {
    if (experience == null) {
      return; // There is no learner, and nobody to send groups to.
    }
    if (book.isAnyWaiting()) {
      List.copyOf(free).forEach(worker -> give(worker, deadlines));
    }
    boolean isNobodyThere =
        book.isAnyWaiting() && free.isEmpty() && coming.isEmpty() && !book.isAnyGranted();
    var key = new WaitKey.AnyGenerator();
    if (!isNobodyThere) {
      waits.close(key);
    } else if (!waits.isOpen(key)) {
      waits.open(key, "a generator to ask for work", deadlines.generate(), "the run stops");
    }
  }

  private void give(Worker worker, Deadlines deadlines) {
    String name = worker.name;
    UnitBook.Offer offer = book.offer(name, worker.held, coming);
    if (offer instanceof UnitBook.Offer.Work work) {
      UnitId unit = work.unit().id();
      waits.open(
          new WaitKey.UnitDone(unit),
          "the groups of work unit " + unit + ", given to " + name,
          deadlines.unit(),
          mayGrantAgain(unit) ? "the unit is given to another generator" : "the run stops");
      answer(worker, new Generator.Grant(worker.ask, work.unit(), experience));
    } else if (offer instanceof UnitBook.Offer.TakeUp takeUp) {
      PolicyVersion version = takeUp.version();
      waits.open(
          new WaitKey.Adoption(name),
          name + " to take up policy version " + version,
          deadlines.generate(),
          "the run goes on without it");
      adopt(worker, version);
      answer(worker, new Generator.Adopt(worker.ask, version));
    }
  }

  private void answer(Worker worker, Generator.Command answer) {
    free.remove(worker);
    worker.answer = answer;
    worker.generator.tell(answer);
  }

  /** Whether the loss of a unit can still be made good. */
  boolean mayGrantAgain(UnitId unit) {
    return book.grants(unit) < mostGrants;
  }
}
