package dev.troupe.actors.supervisor;

import dev.troupe.actors.Samples;
import dev.troupe.actors.fence.Explorer;
import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.fence.Hearing;
import dev.troupe.actors.fence.Holding;
import dev.troupe.actors.fence.Intake;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.actors.supervisor.SmallCompany.Budget;
import dev.troupe.actors.supervisor.SmallCompany.Heard;
import dev.troupe.actors.supervisor.SmallCompany.Held;
import dev.troupe.actors.supervisor.SmallCompany.Kind;
import dev.troupe.actors.supervisor.SmallCompany.Mail;
import dev.troupe.actors.supervisor.SmallCompany.Office;
import dev.troupe.actors.supervisor.SmallCompany.Store;
import dev.troupe.actors.supervisor.SmallCompany.Task;
import dev.troupe.actors.supervisor.SmallCompany.Worker;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.Pacing;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What can happen in a small company: a supervisor, generators, an experience and a learner that
 * publishes a version a step, over a network that loses, copies and reorders. Whatever decides is
 * the code that runs: {@link UnitBook}, {@link Versions}, {@link StagePlan} and {@link TicketPlan}
 * of the supervisor, {@link Holding} of the generators, {@link Intake} of the experience and the
 * {@link Fence} that all of them ask. Here are only the mail, and what the actors do between two
 * decisions.
 *
 * <p>A supervisor may be replaced: the new one has another epoch and goes back to the learner's
 * last checkpoint; what is trained again from there has other digests, as on machines that do not
 * repeat themselves to the bit. The old one goes on for a while, not knowing.
 *
 * <p>With the newest pacing a generator may go on under any version that was put in force while its
 * group is on its way. A group stands with the last version that sampled it: those before it are of
 * the same epoch and older, and the first is looked at when the unit is granted.
 */
final class FenceModel implements Explorer.Model<SmallCompany> {
  static final String LEARNT = "A step was trained on tokens that other weights sampled.";
  static final String BACK = "A generator went back to weights of an earlier epoch.";
  static final String DECODED = "A unit was decoded by other weights than its version's.";
  static final String TWICE = "The group of a ticket counted twice.";
  private static final String REFUSED = "The learner was handed groups that it has to refuse.";

  private static final Held NOBODY = new Held(null, false);

  private final Fence fence;
  private final StagePlan stage;
  private final TicketPlan tickets;
  private final int generators;
  private final Budget budget;
  private final Map<PolicyVersion, Map<Long, List<WorkUnit>>> units = new HashMap<>();

  /**
   * @param fence the rules
   * @param stage units of one ticket each
   * @param budget what may go wrong
   */
  FenceModel(Fence fence, StagePlan stage, int generators, Budget budget) {
    this.fence = fence;
    this.stage = stage;
    this.tickets = stage.tickets().orElseThrow();
    this.generators = generators;
    this.budget = budget;
  }

  @Override
  public SmallCompany initial() {
    var versions = new TreeMap<>(Map.of(0, version(0, 0, 0)));
    var now = new Draft();
    now.supervisor = planned(new Office(0, versions, 0, Map.of(), List.of(), List.of()));
    now.experience = new Store(versions, 0, new TreeMap<>());
    now.left = budget;
    for (int i = 0; i < generators; i++) {
      now.generators.add(born(0));
      ask(now, i);
    }
    return now.done();
  }

  private Worker born(int life) {
    Holding holding = Holding.nothing(fence, 0).asking();
    return new Worker(life, holding, Task.NONE, null, null, null);
  }

  @Override
  public byte[] key(SmallCompany state) {
    return state.key();
  }

  @Override
  public boolean isEnd(SmallCompany state) {
    return state.supervisor().step() == stage.steps();
  }

  /** Weights of a number, as they were trained in some epoch. */
  private static PolicyVersion version(int epoch, int number, int trainedIn) {
    return new PolicyVersion(epoch, number, digest(0xa0 + 8 * number + 2 * trainedIn));
  }

  private static String digest(int code) {
    return "%02x".formatted(code).repeat(32);
  }

  private static PolicyVersion of(int epoch, PolicyVersion version) {
    return new PolicyVersion(epoch, version.number(), version.digest());
  }

  /** The digest of weights that were damaged on their way: an odd code. */
  private static String damaged(PolicyVersion version) {
    return digest(code(version) + 1);
  }

  private static int code(PolicyVersion version) {
    return Integer.parseInt(version.digest().substring(0, 2), 16);
  }

  private boolean isNewest() {
    return stage.pacing() == Pacing.NEWEST;
  }

  /** Whether a unit is decoded, at first, by weights that are meant to. */
  private boolean mayBegin(WorkUnit unit, PolicyVersion held) {
    if (held == null) {
      return false;
    }
    return isNewest()
        ? held.number() >= unit.policy().number() && code(held) % 2 == 0
        : held.digest().equals(unit.policy().digest());
  }

  /** The versions that may have sampled a unit of a step that is trained now. */
  private Collection<PolicyVersion> samplers(Office office, WorkUnit unit) {
    return isNewest()
        ? office.inForce().tailMap((int) stage.samplingStep(office.step())).values()
        : List.of(unit.policy());
  }

  private List<WorkUnit> units(long step, PolicyVersion policy) {
    return units
        .computeIfAbsent(policy, key -> new HashMap<>())
        .computeIfAbsent(
            step,
            key ->
                tickets.units(step, new VersionSet(policy.number(), policy, ScoringModels.NONE)));
  }

  private List<WorkUnit> units(Office office, long step) {
    return units(step, office.inForce().get((int) stage.samplingStep(step)));
  }

  private static TicketId ticket(WorkUnit unit) {
    return unit.tickets().get(0).id();
  }

  // A state that is being changed.

  private static final class Draft {
    Office supervisor;
    Office replaced;
    List<Worker> generators = new ArrayList<>();
    Store experience;
    int saved;
    List<Mail> mail = new ArrayList<>();
    Budget left;
    String broken;

    Draft() {}

    Draft(SmallCompany from) {
      supervisor = from.supervisor();
      replaced = from.replaced();
      generators = new ArrayList<>(from.generators());
      experience = from.experience();
      saved = from.saved();
      mail = new ArrayList<>(from.mail());
      left = from.left();
    }

    void send(Mail message) {
      if (!mail.contains(message)) {
        mail.add(message);
      }
    }

    void broken(String rule) {
      broken = broken == null ? rule : broken;
    }

    SmallCompany done() {
      mail.removeIf(this::isForNobody);
      return new SmallCompany(supervisor, replaced, generators, experience, saved, mail, left);
    }

    /** Whether a message would change nothing, now or later, so that it need not be kept. */
    private boolean isForNobody(Mail it) {
      Worker worker = generators.get(it.generator());
      return switch (it.kind()) {
        case ADOPT, GRANT -> it.life() != worker.life() || !worker.holding().isAnsweredBy(it.ask());
        case RECEIVED -> it.life() != worker.life();
        case READY -> it.life() != supervisor.epoch();
        case ASK -> replaced == null && it.life() == worker.life() && !isAskOf(worker, it);
        case LOST, GROUPS -> false;
      };
    }

    private static boolean isAskOf(Worker worker, Mail it) {
      return worker.holding().isAnsweredBy(it.ask());
    }
  }

  private static final class Moves {
    final SmallCompany from;
    final List<Explorer.Move<SmallCompany>> list = new ArrayList<>();

    Moves(SmallCompany from) {
      this.from = from;
    }

    void add(Supplier<String> story, java.util.function.Consumer<Draft> change) {
      var draft = new Draft(from);
      change.accept(draft);
      list.add(new Explorer.Move<>(story, draft.done(), draft.broken));
    }
  }

  @Override
  public List<Explorer.Move<SmallCompany>> moves(SmallCompany state) {
    var moves = new Moves(state);
    state.mail().forEach(message -> mail(moves, message));
    for (int i = 0; i < generators; i++) {
      work(moves, i);
    }
    lead(moves);
    return moves.list;
  }

  // The mail.

  private void mail(Moves moves, Mail message) {
    Budget left = moves.from.left();
    moves.add(
        () -> said(message),
        now -> {
          now.mail.remove(message);
          deliver(now, message);
        });
    if (left.copies() > 0) {
      moves.add(
          () -> said(message) + " A copy of this message is still on its way.",
          now -> {
            now.left = less(left, 0, 1, 0, 0, 0, 0, 0);
            deliver(now, message);
          });
    }
    if (left.losses() > 0) {
      moves.add(
          () -> "This is lost: " + said(message),
          now -> {
            now.left = less(left, 1, 0, 0, 0, 0, 0, 0);
            now.mail.remove(message);
          });
    }
    if (message.kind() == Kind.ASK && moves.from.replaced() != null) {
      moves.add(
          () -> "The replaced supervisor hears: " + said(message),
          now -> {
            now.left = less(left, 0, 0, 0, 0, 1, 0, 0);
            now.replaced = heard(now, now.replaced, message);
            if (now.left.echoes() == 0) {
              now.replaced = null;
            }
          });
    }
  }

  private static Budget less(
      Budget b,
      int losses,
      int copies,
      int restarts,
      int takeovers,
      int echoes,
      int damages,
      int alarms) {
    return new Budget(
        b.losses() - losses,
        b.copies() - copies,
        b.restarts() - restarts,
        b.takeovers() - takeovers,
        b.echoes() - echoes,
        b.damages() - damages,
        b.alarms() - alarms);
  }

  private void deliver(Draft now, Mail message) {
    switch (message.kind()) {
      case ASK -> now.supervisor = heard(now, now.supervisor, message);
      case ADOPT -> onAdopt(now, message);
      case GRANT -> onGrant(now, message);
      case RECEIVED -> onReceived(now, message);
      case LOST -> onLost(now, message);
      case GROUPS -> onGroups(now, message);
      case READY -> onReady(now, message);
    }
  }

  private static String name(int generator) {
    return "generator-" + (generator + 1);
  }

  private String said(Mail it) {
    String who = name(it.generator()) + (it.life() == 0 ? "" : " (life " + (it.life() + 1) + ")");
    return switch (it.kind()) {
      case ASK ->
          "%s asks for work (question %d) and shows %s."
              .formatted(who, it.ask(), it.version() == null ? "nothing" : it.version());
      case ADOPT ->
          "%s is told to take up %s (answer to %d).".formatted(who, it.version(), it.ask());
      case GRANT ->
          "%s is given %s, which is bound to %s, and decodes it (answer to %d)."
              .formatted(who, it.unit().id(), it.unit().policy(), it.ask());
      case LOST -> "%s gives %s back.".formatted(who, it.unit().id());
      case GROUPS ->
          "The experience gets the group of %s from %s, sampled by %s for %s."
              .formatted(ticket(it.unit()), who, it.version(), it.unit().policy());
      case RECEIVED -> "%s hears that %s arrived.".formatted(who, it.finished());
      case READY -> "The supervisor hears that the group of %s is complete.".formatted(it.ticket());
    };
  }

  // The supervisor.

  /** A book in the state that an office has it in, made by the calls that lead there. */
  private UnitBook book(Office office) {
    var book = new UnitBook(fence);
    PolicyVersion newest = office.inForce().lastEntry().getValue();
    book.renew(newest);
    for (long step = office.step(); step < office.planned(); step++) {
      List<WorkUnit> planned = units(office, step);
      book.plan(planned);
      for (WorkUnit unit : planned) {
        if (office.counted().contains(ticket(unit))) {
          book.complete(Samples.facts(unit.tickets().get(0)));
          continue;
        }
        Held held = office.units().getOrDefault(unit.id(), NOBODY);
        // A grant goes to the first unit that waits, so those of nobody go to somebody for now.
        book.grant(
            held.holder() == null ? "nobody" : held.holder(), isNewest() ? newest : unit.policy());
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
      for (WorkUnit unit : units(office, step)) {
        if (book.areComplete(List.of(ticket(unit)))) {
          counted.add(ticket(unit));
        } else {
          String holder = book.holder(unit.id()).orElse(null);
          boolean isDecoded = holder != null && !book.undecodedBy(holder).contains(unit.id());
          open.put(unit.id(), new Held(holder, isDecoded));
        }
      }
    }
    return new Office(office.epoch(), office.inForce(), office.planned(), open, counted, heard);
  }

  private Office planned(Office office) {
    long before = stage.plannableBefore(office.step());
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

  private Office heard(Draft now, Office office, Mail message) {
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
    book.decoded(message.finished(), name(message.generator()));
    book.undecodedBy(name(message.generator())).forEach(book::depart);
    return granted(now, office, book, heard);
  }

  /** Every generator whose question has no answer gets one, if there is something for it. */
  private Office granted(Draft now, Office office, UnitBook book, List<Heard> heard) {
    for (int i = 0; i < heard.size(); i++) {
      Heard it = heard.get(i);
      if (it.answer() == null) {
        Map<PolicyVersion, Integer> coming =
            heard.stream()
                .map(Heard::answer)
                .filter(answer -> answer != null && answer.kind() == Kind.ADOPT)
                .collect(Collectors.toMap(Mail::version, answer -> 1, Integer::sum));
        Mail answer = answer(it, book.offer(name(it.generator()), it.held(), coming));
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

  private void goOn(Draft now, UnitBook book) {
    now.supervisor = granted(now, now.supervisor, book, new ArrayList<>(now.supervisor.heard()));
  }

  private void onLost(Draft now, Mail message) {
    UnitBook book = book(now.supervisor);
    UnitId unit = message.unit().id();
    if (book.holder(unit).filter(name(message.generator())::equals).isPresent()) {
      book.release(unit);
    }
    goOn(now, book);
  }

  private void onReady(Draft now, Mail message) {
    Office office = now.supervisor;
    if (message.life() != office.epoch()) {
      return; // Of before the stage was opened.
    }
    UnitBook book = book(office);
    boolean isCounted = office.counted().contains(message.ticket());
    Ticket ticket = message.unit().tickets().get(0);
    if (book.complete(Samples.facts(ticket)).isPresent() && isCounted) {
      now.broken(TWICE);
    }
    goOn(now, book);
  }

  /** What the supervisor does of itself, and what happens to it. */
  private void lead(Moves moves) {
    SmallCompany state = moves.from;
    Office office = state.supervisor();
    int step = office.step();
    if (book(office).areComplete(tickets.tickets(step))) {
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
            () -> "The supervisor notices that " + name(it.generator()) + " left.",
            now -> {
              var heard = new ArrayList<>(office.heard());
              heard.remove(it);
              UnitBook book = book(office);
              book.undecodedBy(name(it.generator())).forEach(book::depart);
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

  private void alarm(Moves moves, UnitId unit, Held held) {
    boolean isAlive = isAlive(moves.from, unit);
    Budget left = moves.from.left();
    if (!isAlive || left.alarms() > 0) {
      moves.add(
          () -> "The time for %s is over, which %s has.".formatted(unit, held.holder()),
          now -> {
            now.left = isAlive ? less(left, 0, 0, 0, 0, 0, 0, 1) : left;
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
                ticket -> ticket.ordinal() == tickets.firstOrdinal(unit.step()) + unit.index());
  }

  /** The experience tells until it is heard. */
  private void ready(Moves moves, TicketId ticket) {
    Office office = moves.from.supervisor();
    long step = ticket.ordinal() / tickets.prompts();
    if (step < office.step() || step >= office.planned()) {
      return;
    }
    WorkUnit unit = units(office, step).get((int) (ticket.ordinal() % tickets.prompts()));
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
  private static Mail ready(int opening, WorkUnit unit) {
    return new Mail(Kind.READY, 0, opening, 0, null, unit, null, ticket(unit));
  }

  private void train(Draft now) {
    Office office = now.supervisor;
    int step = office.step();
    for (WorkUnit unit : units(office, step)) {
      PolicyVersion sampled = now.experience.groups().get(ticket(unit));
      Collection<PolicyVersion> samplers = samplers(office, unit);
      if (sampled == null || !fence.isLearnable(samplers, sampled)) {
        now.broken(REFUSED);
      } else if (samplers.stream().noneMatch(it -> it.digest().equals(sampled.digest()))) {
        now.broken(LEARNT);
      }
    }
    PolicyVersion next = version(office.epoch(), step + 1, office.epoch());
    var inForce = new TreeMap<>(office.inForce());
    var versions = new Versions(fence);
    inForce.forEach((at, it) -> versions.add(new VersionSet(at, it, ScoringModels.NONE)));
    versions.add(new VersionSet(step + 1, next, ScoringModels.NONE));
    inForce.put(step + 1, next);
    var known = new TreeMap<>(now.experience.known());
    known.put(step + 1, next);
    var groups = new TreeMap<>(now.experience.groups());
    groups.keySet().removeIf(it -> it.ordinal() < tickets.firstOrdinal(step + 1));
    now.experience = new Store(known, step + 1, groups);
    var counted = new ArrayList<>(office.counted());
    counted.removeAll(tickets.tickets(step));
    inForce.headMap((int) stage.samplingStep(step + 1)).clear();
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

  private void takeOver(Draft now) {
    Office old = now.supervisor;
    int epoch = old.epoch() + 1;
    var inForce = new TreeMap<Integer, PolicyVersion>();
    for (int step = (int) stage.samplingStep(now.saved); step <= now.saved; step++) {
      PolicyVersion saved =
          old.inForce().containsKey(step)
              ? old.inForce().get(step)
              : now.experience.known().get(step);
      inForce.put(step, of(epoch, saved));
    }
    now.left = less(now.left, 0, 0, 0, 1, 0, 0, 0);
    now.replaced = now.left.echoes() > 0 ? old : null;
    now.experience = new Store(inForce, now.saved, new TreeMap<>());
    now.supervisor = planned(new Office(epoch, inForce, now.saved, Map.of(), List.of(), List.of()));
  }

  // The experience.

  private Intake intake(Store store) {
    var intake = new Intake(fence);
    store.known().forEach((step, it) -> intake.know(new VersionSet(step, it, ScoringModels.NONE)));
    intake.forget("grpo", tickets.firstOrdinal(store.over()));
    return intake;
  }

  private void onGroups(Draft now, Mail message) {
    TicketId id = ticket(message.unit());
    Intake intake = intake(now.experience);
    List<PolicyVersion> sampled =
        message.version() == null ? List.of() : List.of(message.version());
    if (intake.isWanted(id)
        && !now.experience.groups().containsKey(id)
        && intake.admits(message.unit().tickets().get(0), stage.pacing(), sampled)) {
      var groups = new TreeMap<>(now.experience.groups());
      groups.put(id, Objects.requireNonNullElse(message.version(), version(9, 9, 0)));
      now.experience = new Store(now.experience.known(), now.experience.over(), groups);
      now.send(ready(now.supervisor.epoch(), message.unit()));
    }
    now.send(
        new Mail(
            Kind.RECEIVED,
            message.generator(),
            message.life(),
            0,
            null,
            null,
            message.unit().id(),
            null));
  }

  // The generators.

  private static void put(
      Draft now, int i, Holding holding, Task task, PolicyVersion version, WorkUnit unit) {
    Worker old = now.generators.get(i);
    now.generators.set(i, new Worker(old.life(), holding, task, version, unit, old.finished()));
  }

  private void onAdopt(Draft now, Mail message) {
    Worker it = now.generators.get(message.generator());
    if (!it.holding().isAnsweredBy(message.ask()) || !it.holding().mayTakeUp(message.version())) {
      return;
    }
    if (message.version().epoch() < it.holding().latestEpoch()) {
      now.broken(BACK);
    }
    Holding holding = it.holding().answered().takingUp(message.version());
    put(now, message.generator(), holding, Task.TAKING_UP, message.version(), null);
  }

  private void onGrant(Draft now, Mail message) {
    Worker it = now.generators.get(message.generator());
    if (!it.holding().isAnsweredBy(message.ask())) {
      return;
    }
    Holding holding = it.holding().answered();
    WorkUnit unit = message.unit();
    if (holding.mayDecode(unit)) {
      PolicyVersion held = holding.held();
      if (!mayBegin(unit, held)) {
        now.broken(DECODED);
      }
      put(now, message.generator(), holding, Task.DELIVERING, held, unit);
      now.send(delivery(message.generator(), now.generators.get(message.generator())));
    } else {
      put(now, message.generator(), holding.asking(), Task.NONE, null, null);
      now.send(new Mail(Kind.LOST, message.generator(), it.life(), 0, null, unit, null, null));
      ask(now, message.generator());
    }
  }

  private void onReceived(Draft now, Mail message) {
    Worker it = now.generators.get(message.generator());
    if (it.task() == Task.DELIVERING && it.unit().id().equals(message.finished())) {
      now.generators.set(
          message.generator(),
          new Worker(it.life(), it.holding().asking(), Task.NONE, null, null, message.finished()));
      ask(now, message.generator());
    }
  }

  private static void ask(Draft now, int i) {
    now.send(question(i, now.generators.get(i)));
  }

  private static Mail question(int i, Worker it) {
    return new Mail(
        Kind.ASK, i, it.life(), it.holding().ask(), it.holding().held(), null, it.finished(), null);
  }

  private static Mail delivery(int i, Worker it) {
    return new Mail(Kind.GROUPS, i, it.life(), 0, it.version(), it.unit(), null, null);
  }

  /** What a generator does of itself, and what happens to it. */
  private void work(Moves moves, int i) {
    SmallCompany state = moves.from;
    Worker it = state.generators().get(i);
    Budget left = state.left();
    if (it.holding().isAsking() && isUnheard(state, i, it)) {
      moves.add(() -> name(i) + " asks again.", now -> ask(now, i));
    }
    if (it.task() == Task.TAKING_UP) {
      moves.add(
          () -> name(i) + " has taken up " + it.version() + ".",
          now -> proved(now, i, it.version().digest()));
      if (left.damages() > 0) {
        moves.add(
            () -> name(i) + " has taken up " + it.version() + ", which was damaged on its way.",
            now -> {
              now.left = less(left, 0, 0, 0, 0, 0, 1, 0);
              proved(now, i, damaged(it.version()));
            });
      }
    }
    if (it.task() == Task.DELIVERING
        && state.mail().stream()
            .noneMatch(mail -> mail.equals(delivery(i, it)) || isReceipt(mail, i, it))) {
      moves.add(
          () -> name(i) + " sends the group of " + it.unit().id() + " again.",
          now -> now.send(delivery(i, it)));
    }
    if (isNewest() && it.task() == Task.DELIVERING && state.mail().contains(delivery(i, it))) {
      state.supervisor().inForce().values().stream()
          .filter(it.holding()::mayRenew)
          .forEach(version -> renewal(moves, i, version));
    }
    if (left.restarts() > 0) {
      moves.add(
          () -> name(i) + " is started anew and has forgotten everything.",
          now -> {
            now.left = less(left, 0, 0, 1, 0, 0, 0, 0);
            now.generators.set(i, born(it.life() + 1));
            ask(now, i);
          });
      if (it.task() == Task.DELIVERING && state.mail().contains(delivery(i, it))) {
        moves.add(
            () -> name(i) + " is started anew before it has decoded " + it.unit().id() + ".",
            now -> {
              now.left = less(left, 0, 0, 1, 0, 0, 0, 0);
              now.mail.remove(delivery(i, it));
              now.generators.set(i, born(it.life() + 1));
              ask(now, i);
            });
      }
    }
  }

  private static void renewal(Moves moves, int i, PolicyVersion version) {
    Worker it = moves.from.generators().get(i);
    moves.add(
        () -> name(i) + " goes on under " + version + " with " + it.unit().id() + ".",
        now -> {
          now.mail.remove(delivery(i, it));
          put(now, i, it.holding().renewed(version), Task.DELIVERING, version, it.unit());
          now.send(delivery(i, now.generators.get(i)));
        });
  }

  /**
   * Whether neither a generator's question is on its way, nor its answer, nor its turn to come.
   * Repeating it otherwise would be a copy, of which there are not many.
   */
  private static boolean isUnheard(SmallCompany state, int i, Worker it) {
    long ask = it.holding().ask();
    return state.mail().stream()
            .noneMatch(
                mail -> mail.generator() == i && mail.life() == it.life() && mail.ask() == ask)
        && state.supervisor().heard().stream()
            .noneMatch(
                heard ->
                    heard.generator() == i
                        && heard.life() == it.life()
                        && heard.ask() == ask
                        && heard.answer() == null);
  }

  private static boolean isReceipt(Mail mail, int i, Worker it) {
    return mail.kind() == Kind.RECEIVED
        && mail.generator() == i
        && mail.life() == it.life()
        && mail.finished().equals(it.unit().id());
  }

  private static void proved(Draft now, int i, String digest) {
    Worker it = now.generators.get(i);
    Holding holding = it.holding().proved(it.version(), digest).asking();
    put(now, i, holding, Task.NONE, null, null);
    ask(now, i);
  }
}
