package dev.troupe.actors.supervisor;

import dev.troupe.actors.Samples;
import dev.troupe.actors.fence.Hearing;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.supervisor.SmallCompany.Budget;
import dev.troupe.actors.supervisor.SmallCompany.Heard;
import dev.troupe.actors.supervisor.SmallCompany.Held;
import dev.troupe.actors.supervisor.SmallCompany.Kind;
import dev.troupe.actors.supervisor.SmallCompany.Mail;
import dev.troupe.actors.supervisor.SmallCompany.Office;
import dev.troupe.actors.supervisor.SmallCompany.Store;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the supervisor of a small company does, and the learner at its word. */
final class ModelSupervisor {
  private static final Held NOBODY = new Held(null, false);

  private final SmallPlan plan;

  ModelSupervisor(SmallPlan plan) {
    this.plan = plan;
  }

  /** A book in the state that an office has it in, made by the calls that lead there. */
  private UnitBook book(Office office) {
    var book = new UnitBook(plan.fence, 5);
    for (long step = office.step(); step < office.planned(); step++) {
      List<WorkUnit> planned = plan.units(office, step);
      book.plan(planned);
      for (WorkUnit unit : planned) {
        if (office.counted().contains(SmallPlan.ticket(unit))) {
          book.complete(Samples.facts(unit.tickets().get(0)));
          continue;
        }
        Held held = office.units().getOrDefault(unit.id(), NOBODY);
        // A grant goes to the first unit that waits, so those of nobody go to somebody for now.
        book.grant(held.holder() == null ? "nobody" : held.holder(), unit.policy());
        if (held.isDecoded()) {
          book.decoded(unit.id(), held.holder());
        }
      }
    }
    book.undecodedBy("nobody").forEach(book::release);
    return book;
  }

  private Office office(Office office, UnitBook book, List<Heard> heard) {
    var open = new LinkedHashMap<UnitId, Held>();
    var counted = new ArrayList<TicketId>();
    for (long step = office.step(); step < office.planned(); step++) {
      for (WorkUnit unit : plan.units(office, step)) {
        if (book.areComplete(List.of(SmallPlan.ticket(unit)))) {
          counted.add(SmallPlan.ticket(unit));
        } else {
          String holder = book.holder(unit.id()).orElse(null);
          boolean isDecoded = holder != null && !book.undecodedBy(holder).contains(unit.id());
          open.put(unit.id(), new Held(holder, isDecoded));
        }
      }
    }
    return new Office(office.epoch(), office.inForce(), office.planned(), open, counted, heard);
  }

  /** Plans what can be sampled with the versions that are in force. */
  Office planned(Office office) {
    long before = plan.stage.plannableBefore(office.step());
    var wider =
        new Office(
            office.epoch(),
            office.inForce(),
            (int) Math.max(before, office.planned()),
            office.units(),
            office.counted(),
            office.heard());
    return office(wider, book(wider), office.heard());
  }

  /** A supervisor, in charge or replaced, hears a generator ask. */
  Office heard(CompanyDraft now, Office office, Mail message) {
    Optional<Heard> last =
        office.heard().stream().filter(it -> it.generator() == message.generator()).findFirst();
    boolean isSame = last.filter(it -> it.life() == message.life()).isPresent();
    Hearing hearing = Hearing.of(message.ask(), isSame, isSame ? last.orElseThrow().ask() : 0);
    if (hearing == Hearing.REPEATED && last.orElseThrow().answer() != null) {
      now.send(last.orElseThrow().answer());
    }
    if (hearing != Hearing.NEW) {
      return office;
    }
    var heard = new ArrayList<>(office.heard());
    last.ifPresent(heard::remove);
    heard.add(
        new Heard(message.generator(), message.life(), message.ask(), message.version(), null));
    UnitBook book = book(office);
    book.decoded(message.finished(), SmallPlan.name(message.generator()));
    book.undecodedBy(SmallPlan.name(message.generator())).forEach(book::depart);
    return granted(now, office, book, heard);
  }

  /** Every generator whose question has no answer gets one, if there is something for it. */
  private Office granted(CompanyDraft now, Office office, UnitBook book, List<Heard> heard) {
    for (int i = 0; i < heard.size(); i++) {
      Heard it = heard.get(i);
      if (it.answer() == null) {
        Map<PolicyVersion, Integer> coming =
            heard.stream()
                .map(Heard::answer)
                .filter(answer -> answer != null && answer.kind() == Kind.ADOPT)
                .collect(Collectors.toMap(Mail::version, answer -> 1, Integer::sum));
        Mail answer = answer(it, book.offer(SmallPlan.name(it.generator()), it.held(), coming));
        if (answer != null) {
          now.send(answer);
          heard.set(i, new Heard(it.generator(), it.life(), it.ask(), it.held(), answer));
        }
      }
    }
    return office(office, book, List.copyOf(heard));
  }

  private static Mail answer(Heard to, UnitBook.Offer offer) {
    if (offer instanceof UnitBook.Offer.Work work) {
      return new Mail(
          Kind.GRANT, to.generator(), to.life(), to.ask(), null, work.unit(), null, null);
    }
    return offer instanceof UnitBook.Offer.TakeUp takeUp
        ? new Mail(
            Kind.ADOPT, to.generator(), to.life(), to.ask(), takeUp.version(), null, null, null)
        : null;
  }

  private void goOn(CompanyDraft now, UnitBook book) {
    now.supervisor = granted(now, now.supervisor, book, new ArrayList<>(now.supervisor.heard()));
  }

  void onLost(CompanyDraft now, Mail message) {
    UnitBook book = book(now.supervisor);
    UnitId unit = message.unit().id();
    if (book.holder(unit).filter(SmallPlan.name(message.generator())::equals).isPresent()) {
      book.release(unit);
    }
    goOn(now, book);
  }

  void onReady(CompanyDraft now, Mail message) {
    Office office = now.supervisor;
    if (message.life() != office.epoch()) {
      return; // Of before the stage was opened.
    }
    UnitBook book = book(office);
    boolean isCounted = office.counted().contains(message.ticket());
    Ticket ticket = message.unit().tickets().get(0);
    if (book.complete(Samples.facts(ticket)).isPresent() && isCounted) {
      now.broken(FenceModel.TWICE);
    }
    goOn(now, book);
  }

  /** What the supervisor does of itself, and what happens to it. */
  void lead(CompanyMoves moves) {
    SmallCompany state = moves.from;
    Office office = state.supervisor();
    int step = office.step();
    if (book(office).areComplete(plan.tickets.tickets(step))) {
      moves.add(() -> "The learner trains step " + step + ".", this::train);
    }
    if (step > state.saved()) {
      moves.add(() -> "The learner saves " + step + " steps.", now -> now.saved = step);
    }
    if (state.left().takeovers() > 0) {
      moves.add(() -> "Another supervisor takes over.", this::takeOver);
    }
    for (Heard it : office.heard()) {
      if (it.life() < state.generators().get(it.generator()).life()) {
        moves.add(
            () -> "The supervisor notices that " + SmallPlan.name(it.generator()) + " left.",
            now -> {
              var heard = new ArrayList<>(office.heard());
              heard.remove(it);
              UnitBook book = book(office);
              book.undecodedBy(SmallPlan.name(it.generator())).forEach(book::depart);
              now.supervisor = granted(now, office, book, heard);
            });
      }
    }
    office
        .units()
        .forEach(
            (unit, held) -> {
              if (held.holder() != null) {
                alarm(moves, unit, held);
              }
            });
    state
        .experience()
        .groups()
        .forEach(
            (ticket, sampled) -> {
              if (!office.counted().contains(ticket)) {
                ready(moves, ticket);
              }
            });
  }

  private void alarm(CompanyMoves moves, UnitId unit, Held held) {
    boolean isAlive = isAlive(moves.from, unit);
    Budget left = moves.from.left();
    if (!isAlive || left.alarms() > 0) {
      moves.add(
          () -> "The time for %s is over, which %s has.".formatted(unit, held.holder()),
          now -> {
            now.left = isAlive ? left.less(Budget.ALARM) : left;
            UnitBook book = book(now.supervisor);
            book.release(unit);
            goOn(now, book);
          });
    }
  }

  /** Whether a unit is still on somebody's way. */
  private boolean isAlive(SmallCompany state, UnitId unit) {
    return state.generators().stream()
            .anyMatch(it -> it.unit() != null && it.unit().id().equals(unit))
        || state.mail().stream()
            .anyMatch(
                it ->
                    (it.kind() == Kind.GRANT || it.kind() == Kind.GROUPS)
                        && it.unit().id().equals(unit))
        || state.experience().groups().keySet().stream()
            .anyMatch(
                ticket ->
                    ticket.ordinal() == plan.tickets.firstOrdinal(unit.step()) + unit.index());
  }

  /** The experience tells until it is heard. */
  private void ready(CompanyMoves moves, TicketId ticket) {
    Office office = moves.from.supervisor();
    long step = ticket.ordinal() / plan.tickets.prompts();
    if (step < office.step() || step >= office.planned()) {
      return;
    }
    WorkUnit unit = plan.units(office, step).get((int) (ticket.ordinal() % plan.tickets.prompts()));
    Mail message = ready(office.epoch(), unit);
    if (!moves.from.mail().contains(message)) {
      moves.add(
          () -> "The experience says again that the group of " + ticket + " is complete.",
          now -> now.send(message));
    }
  }

  /**
   * @param opening what the experience was last opened by, which is known by its epoch here
   */
  static Mail ready(int opening, WorkUnit unit) {
    return new Mail(Kind.READY, 0, opening, 0, null, unit, null, SmallPlan.ticket(unit));
  }

  private void train(CompanyDraft now) {
    Office office = now.supervisor;
    int step = office.step();
    for (WorkUnit unit : plan.units(office, step)) {
      PolicyVersion sampled = now.experience.groups().get(SmallPlan.ticket(unit));
      if (sampled == null || !plan.fence.isLearnable(unit.policy(), sampled)) {
        now.broken(FenceModel.REFUSED);
      } else if (!sampled.digest().equals(unit.policy().digest())) {
        now.broken(FenceModel.LEARNT);
      }
    }
    PolicyVersion next = SmallPlan.version(office.epoch(), step + 1, office.epoch());
    var inForce = new TreeMap<>(office.inForce());
    var versions = new Versions(plan.fence);
    inForce.forEach((at, it) -> versions.add(new VersionSet(at, it, ScoringModels.NONE)));
    versions.add(new VersionSet(step + 1, next, ScoringModels.NONE));
    inForce.put(step + 1, next);
    var known = new TreeMap<>(now.experience.known());
    known.put(step + 1, next);
    var groups = new TreeMap<>(now.experience.groups());
    groups.keySet().removeIf(it -> it.ordinal() < plan.tickets.firstOrdinal(step + 1));
    now.experience = new Store(known, step + 1, groups);
    var counted = new ArrayList<>(office.counted());
    counted.removeAll(plan.tickets.tickets(step));
    inForce.headMap((int) plan.stage.samplingStep(step + 1)).clear();
    now.supervisor =
        planned(
            new Office(
                office.epoch(),
                inForce,
                office.planned(),
                office.units(),
                counted,
                office.heard()));
    goOn(now, book(now.supervisor));
  }

  private void takeOver(CompanyDraft now) {
    Office old = now.supervisor;
    int epoch = old.epoch() + 1;
    var inForce = new TreeMap<Integer, PolicyVersion>();
    for (int step = (int) plan.stage.samplingStep(now.saved); step <= now.saved; step++) {
      PolicyVersion saved =
          old.inForce().containsKey(step)
              ? old.inForce().get(step)
              : now.experience.known().get(step);
      inForce.put(step, SmallPlan.of(epoch, saved));
    }
    now.left = now.left.less(Budget.TAKEOVER);
    now.replaced = now.left.echoes() > 0 ? old : null;
    now.experience = new Store(inForce, now.saved, new TreeMap<>());
    now.supervisor = planned(new Office(epoch, inForce, now.saved, Map.of(), List.of(), List.of()));
  }
}
