package dev.troupe.actors.supervisor;

import dev.troupe.actors.fence.Holding;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.model.PolicyVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One state of a small company: everything that its members know and every message on its way.
 *
 * @param supervisor the one in charge
 * @param replaced the one before, which does not know it yet; null for none
 * @param generators by index
 * @param experience the groups
 * @param saved steps done at the last checkpoint
 * @param mail the messages on their way, in no order; each at most once, since a copy that comes
 *     later is the same as one that is kept
 * @param left what may still go wrong
 */
record SmallCompany(
    Office supervisor,
    Office replaced,
    List<Worker> generators,
    Store experience,
    int saved,
    List<Mail> mail,
    Budget left) {

  /**
   * What a supervisor knows.
   *
   * @param epoch how often the run was started before
   * @param inForce policy versions by the steps they were trained for, oldest first
   * @param planned steps that have been planned
   * @param units those that are open, with who has them
   * @param counted tickets whose groups count and are not trained
   * @param heard the generators' last questions, in the order of hearing
   */
  record Office(
      int epoch,
      TreeMap<Integer, PolicyVersion> inForce,
      int planned,
      Map<UnitId, Held> units,
      List<TicketId> counted,
      List<Heard> heard) {
    int step() {
      return inForce.lastKey();
    }
  }

  /** Who has a unit, and whether it was decoded; null for nobody. */
  record Held(String holder, boolean isDecoded) {}

  /**
   * A generator's last question.
   *
   * @param generator its index
   * @param life which of its lives asked
   * @param answer null while it has none
   */
  record Heard(int generator, int life, long ask, PolicyVersion held, Mail answer) {}

  /** What a generator is busy with. */
  enum Task {
    NONE,
    TAKING_UP,
    /** Decoding is over as soon as it begins; the message is what takes its time. */
    DELIVERING
  }

  /**
   * A generator.
   *
   * @param life how often it was started anew
   * @param holding its side of the fence
   * @param version what it takes up, or what it decoded with
   * @param unit what it decodes or delivers
   * @param finished what it delivered last
   */
  record Worker(
      int life,
      Holding holding,
      Task task,
      PolicyVersion version,
      WorkUnit unit,
      UnitId finished) {}

  /**
   * The experience.
   *
   * @param known versions in force, by step
   * @param over steps whose tickets are over
   * @param groups by ticket, the version that sampled
   */
  record Store(
      TreeMap<Integer, PolicyVersion> known, int over, TreeMap<TicketId, PolicyVersion> groups) {}

  /** What a message says. */
  enum Kind {
    ASK,
    ADOPT,
    GRANT,
    LOST,
    GROUPS,
    RECEIVED,
    READY
  }

  /**
   * A message.
   *
   * @param generator from or to whom
   * @param life which of its lives
   * @param version held, to be taken up, or what sampled
   * @param unit what it is about
   * @param finished the unit of an ASK or RECEIVED
   * @param ticket of a READY
   */
  record Mail(
      Kind kind,
      int generator,
      int life,
      long ask,
      PolicyVersion version,
      WorkUnit unit,
      UnitId finished,
      TicketId ticket) {}

  /**
   * What may still go wrong.
   *
   * @param losses messages that may get lost
   * @param copies messages that may arrive twice
   * @param restarts generators that may start anew, forgetting all
   * @param takeovers supervisors that may be replaced
   * @param echoes questions that a replaced supervisor may still answer
   * @param damages versions that may arrive damaged
   * @param alarms units that may be taken for lost while they are not
   */
  record Budget(
      int losses, int copies, int restarts, int takeovers, int echoes, int damages, int alarms) {
    static final Budget NONE = new Budget(0, 0, 0, 0, 0, 0, 0);
    static final Budget LOSS = new Budget(1, 0, 0, 0, 0, 0, 0);
    static final Budget COPY = new Budget(0, 1, 0, 0, 0, 0, 0);
    static final Budget RESTART = new Budget(0, 0, 1, 0, 0, 0, 0);
    static final Budget TAKEOVER = new Budget(0, 0, 0, 1, 0, 0, 0);
    static final Budget ECHO = new Budget(0, 0, 0, 0, 1, 0, 0);
    static final Budget DAMAGE = new Budget(0, 0, 0, 0, 0, 1, 0);
    static final Budget ALARM = new Budget(0, 0, 0, 0, 0, 0, 1);

    /** All that goes wrong in this one and in the other. */
    Budget and(Budget other) {
      return NONE.less(NONE.less(this).less(other));
    }

    /** What is left once something has gone wrong. */
    Budget less(Budget spent) {
      return new Budget(
          losses - spent.losses,
          copies - spent.copies,
          restarts - spent.restarts,
          takeovers - spent.takeovers,
          echoes - spent.echoes,
          damages - spent.damages,
          alarms - spent.alarms);
    }
  }

  /** Equal for states that behave alike: numbers of questions count only by their order. */
  byte[] key() {
    var key = new StringBuilder(256);
    List<List<Long>> asks = new ArrayList<>();
    for (int i = 0; i < generators.size(); i++) {
      asks.add(asks(i));
    }
    office(key, supervisor, asks);
    office(key, replaced, asks);
    for (int i = 0; i < generators.size(); i++) {
      Worker it = generators.get(i);
      key.append('\n')
          .append((char) it.life())
          .append(rank(asks, i, it.life(), it.holding().ask()));
      key.append(it.holding().isAsking() ? '?' : '.')
          .append((char) (it.holding().latestEpoch() + 1));
      key.append((char) it.task().ordinal());
      version(key, it.holding().held());
      version(key, it.version());
      unit(key, it.unit());
      unit(key, it.finished());
    }
    key.append('\n').append((char) experience.over());
    experience.known().values().forEach(it -> version(key, it));
    key.append('=');
    experience
        .groups()
        .forEach(
            (ticket, sampled) -> {
              key.append((char) ticket.ordinal());
              version(key, sampled);
            });
    key.append('\n').append((char) saved);
    mail.stream().map(it -> text(it, asks)).sorted().forEach(key::append);
    key.append('\n').append((char) left.losses()).append((char) left.copies());
    key.append((char) left.restarts()).append((char) left.takeovers()).append((char) left.echoes());
    key.append((char) left.damages()).append((char) left.alarms());
    return key.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void office(StringBuilder key, Office office, List<List<Long>> asks) {
    key.append('\n');
    if (office == null) {
      return;
    }
    key.append((char) office.epoch()).append((char) office.planned());
    key.append((char) (int) office.inForce().firstKey());
    office.inForce().values().forEach(it -> version(key, it));
    office
        .units()
        .forEach(
            (unit, held) -> {
              unit(key, unit);
              key.append(held.holder() == null ? "-" : held.holder());
              key.append(held.isDecoded() ? '!' : '.');
            });
    office.counted().forEach(it -> key.append((char) it.ordinal()));
    for (Heard it : office.heard()) {
      key.append('/').append((char) it.generator()).append((char) it.life());
      key.append(rank(asks, it.generator(), it.life(), it.ask()));
      version(key, it.held());
      key.append(it.answer() == null ? "-" : text(it.answer(), asks));
    }
  }

  private static String text(Mail it, List<List<Long>> asks) {
    var text = new StringBuilder();
    text.append(';').append((char) it.kind().ordinal()).append((char) it.generator());
    text.append((char) it.life());
    text.append(it.ask() == 0 ? '0' : rank(asks, it.generator(), it.life(), it.ask()));
    version(text, it.version());
    unit(text, it.unit());
    unit(text, it.finished());
    return text.append(it.ticket() == null ? '-' : (char) it.ticket().ordinal()).toString();
  }

  /** The last two digits of a digest are all that differs between those of the model. */
  private static void version(StringBuilder key, PolicyVersion it) {
    if (it == null) {
      key.append('-');
    } else {
      key.append((char) it.epoch()).append((char) it.number()).append(it.digest(), 62, 64);
    }
  }

  private static void unit(StringBuilder key, WorkUnit it) {
    unit(key, it == null ? null : it.id());
    version(key, it == null ? null : it.policy());
  }

  private static void unit(StringBuilder key, UnitId it) {
    if (it == null) {
      key.append('-');
    } else {
      key.append((char) it.step()).append((char) it.index());
    }
  }

  /** All numbers of questions of a generator that somebody still knows, with its life. */
  private List<Long> asks(int generator) {
    var numbers = new java.util.TreeSet<Long>();
    Worker worker = generators.get(generator);
    numbers.add(stamp(worker.life(), worker.holding().ask()));
    for (Office office : replaced == null ? List.of(supervisor) : List.of(supervisor, replaced)) {
      for (Heard it : office.heard()) {
        if (it.generator() == generator) {
          numbers.add(stamp(it.life(), it.ask()));
        }
      }
    }
    for (Mail it : mail) {
      if (it.generator() == generator && it.ask() > 0) {
        numbers.add(stamp(it.life(), it.ask()));
      }
    }
    return List.copyOf(numbers);
  }

  private static long stamp(int life, long ask) {
    return life * 1_000_000L + ask;
  }

  private static char rank(List<List<Long>> asks, int generator, int life, long ask) {
    return (char) ('a' + asks.get(generator).indexOf(stamp(life, ask)));
  }
}
