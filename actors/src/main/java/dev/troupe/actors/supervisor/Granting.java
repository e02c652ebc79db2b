package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.fence.Hearing;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.stage.Deadlines;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    waits.close(new WaitKey.Adoption(worker.name));
    // Whoever asked first is served first.
    workers.remove(worker.name);
    workers.put(worker.name, worker);
    worker.ask = request.ask();
    worker.held = request.held();
    worker.answer = null;
    worker.adopting = null;
    return true;
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
        workers.remove(worker.name);
        waits.close(new WaitKey.Adoption(worker.name));
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

  /** Forgets who is taking up a version, because the waits for it are closed: a stage begins. */
  void reset() {
    experience = null;
    for (Worker worker : workers.values()) {
      worker.adopting = null;
    }
  }

  /** A version is in force: who decodes what newer versions may sample goes on under it. */
  void renew(PolicyVersion version) {
    book.renew(version);
    workers.values().forEach(it -> it.generator.tell(new Generator.Renew(version)));
  }

  /** From now on groups go there. */
  void to(ActorRef<Experience.Command> next) {
    experience = next;
  }

  /** Gives every free generator something to do, as far as there is something. */
  void grant(Deadlines deadlines) {
    List<Worker> free = workers.values().stream().filter(it -> it.answer == null).toList();
    free.forEach(worker -> give(worker, deadlines));
    boolean isNobodyThere =
        book.isAnyWaiting()
            && workers.values().stream().noneMatch(it -> it.answer == null)
            && adopting().isEmpty()
            && !book.isAnyGranted();
    var key = new WaitKey.AnyGenerator();
    if (!isNobodyThere) {
      waits.close(key);
    } else if (!waits.isOpen(key)) {
      waits.open(key, "a generator to ask for work", deadlines.generate(), "the run stops");
    }
  }

  private List<PolicyVersion> adopting() {
    return workers.values().stream().map(it -> it.adopting).filter(Objects::nonNull).toList();
  }

  private void give(Worker worker, Deadlines deadlines) {
    String name = worker.name;
    UnitBook.Offer offer = book.offer(name, worker.held, adopting());
    if (offer instanceof UnitBook.Offer.Work work) {
      UnitId unit = work.unit().id();
      waits.open(
          new WaitKey.UnitDone(unit),
          "the groups of work unit " + unit + ", given to " + name,
          deadlines.unit(),
          mayGrantAgain(unit) ? "the unit is given to another generator" : "the run stops");
      worker.answer =
          new Generator.Grant(worker.ask, work.unit(), Objects.requireNonNull(experience));
      worker.generator.tell(worker.answer);
    } else if (offer instanceof UnitBook.Offer.TakeUp takeUp) {
      PolicyVersion version = takeUp.version();
      waits.open(
          new WaitKey.Adoption(name),
          name + " to take up policy version " + version,
          deadlines.generate(),
          "the run stops");
      worker.adopting = version;
      worker.answer = new Generator.Adopt(worker.ask, version);
      worker.generator.tell(worker.answer);
    }
  }

  /** Whether the loss of a unit can still be made good. */
  boolean mayGrantAgain(UnitId unit) {
    return book.grants(unit) < mostGrants;
  }
}
