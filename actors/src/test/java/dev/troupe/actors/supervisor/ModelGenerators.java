package dev.troupe.actors.supervisor;

import dev.troupe.actors.fence.Holding;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.supervisor.SmallCompany.Budget;
import dev.troupe.actors.supervisor.SmallCompany.Kind;
import dev.troupe.actors.supervisor.SmallCompany.Mail;
import dev.troupe.actors.supervisor.SmallCompany.Task;
import dev.troupe.actors.supervisor.SmallCompany.Worker;
import dev.troupe.runtime.model.PolicyVersion;

/** What the generators of a small company do. */
final class ModelGenerators {
  private final SmallPlan plan;

  ModelGenerators(SmallPlan plan) {
    this.plan = plan;
  }

  /** A generator that knows nothing. */
  Worker born(int life) {
    Holding holding = Holding.nothing(plan.fence, 0).asking();
    return new Worker(life, holding, Task.NONE, null, null, null);
  }

  private static void put(
      CompanyDraft now, int i, Holding holding, Task task, PolicyVersion version, WorkUnit unit) {
    Worker old = now.generators.get(i);
    now.generators.set(i, new Worker(old.life(), holding, task, version, unit, old.finished()));
  }

  void onAdopt(CompanyDraft now, Mail message) {
    Worker it = now.generators.get(message.generator());
    if (!it.holding().isAnsweredBy(message.ask()) || !it.holding().mayTakeUp(message.version())) {
      return;
    }
    if (message.version().epoch() < it.holding().latestEpoch()) {
      now.broken(FenceModel.BACK);
    }
    Holding holding = it.holding().answered().takingUp(message.version());
    put(now, message.generator(), holding, Task.TAKING_UP, message.version(), null);
  }

  void onGrant(CompanyDraft now, Mail message) {
    Worker it = now.generators.get(message.generator());
    if (!it.holding().isAnsweredBy(message.ask())) {
      return;
    }
    Holding holding = it.holding().answered();
    WorkUnit unit = message.unit();
    if (holding.mayDecode(unit)) {
      PolicyVersion held = holding.held();
      if (!plan.mayBegin(unit, held)) {
        now.broken(FenceModel.DECODED);
      }
      put(now, message.generator(), holding, Task.DELIVERING, held, unit);
      now.send(delivery(message.generator(), now.generators.get(message.generator())));
    } else {
      put(now, message.generator(), holding.asking(), Task.NONE, null, null);
      now.send(new Mail(Kind.LOST, message.generator(), it.life(), 0, null, unit, null, null));
      ask(now, message.generator());
    }
  }

  void onReceived(CompanyDraft now, Mail message) {
    Worker it = now.generators.get(message.generator());
    if (it.task() == Task.DELIVERING && it.unit().id().equals(message.finished())) {
      now.generators.set(
          message.generator(),
          new Worker(it.life(), it.holding().asking(), Task.NONE, null, null, message.finished()));
      ask(now, message.generator());
    }
  }

  static void ask(CompanyDraft now, int i) {
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
  void work(CompanyMoves moves, int i) {
    SmallCompany state = moves.from;
    Worker it = state.generators().get(i);
    Budget left = state.left();
    if (it.holding().isAsking() && isUnheard(state, i, it)) {
      moves.add(() -> SmallPlan.name(i) + " asks again.", now -> ask(now, i));
    }
    if (it.task() == Task.TAKING_UP) {
      moves.add(
          () -> SmallPlan.name(i) + " has taken up " + it.version() + ".",
          now -> proved(now, i, it.version().digest()));
      if (left.damages() > 0) {
        moves.add(
            () ->
                SmallPlan.name(i)
                    + " has taken up "
                    + it.version()
                    + ", which was damaged on its way.",
            now -> {
              now.left = left.less(Budget.DAMAGE);
              proved(now, i, SmallPlan.damaged(it.version()));
            });
      }
    }
    if (it.task() == Task.DELIVERING
        && state.mail().stream()
            .noneMatch(mail -> mail.equals(delivery(i, it)) || isReceipt(mail, i, it))) {
      moves.add(
          () -> SmallPlan.name(i) + " sends the group of " + it.unit().id() + " again.",
          now -> now.send(delivery(i, it)));
    }
    if (plan.isNewest() && it.task() == Task.DELIVERING && state.mail().contains(delivery(i, it))) {
      state.supervisor().inForce().values().stream()
          .filter(it.holding()::mayRenew)
          .forEach(version -> renewal(moves, i, version));
    }
    if (left.restarts() > 0) {
      moves.add(
          () -> SmallPlan.name(i) + " is started anew and has forgotten everything.",
          now -> {
            now.left = left.less(Budget.RESTART);
            now.generators.set(i, born(it.life() + 1));
            ask(now, i);
          });
      if (it.task() == Task.DELIVERING && state.mail().contains(delivery(i, it))) {
        moves.add(
            () ->
                SmallPlan.name(i)
                    + " is started anew before it has decoded "
                    + it.unit().id()
                    + ".",
            now -> {
              now.left = left.less(Budget.RESTART);
              now.mail.remove(delivery(i, it));
              now.generators.set(i, born(it.life() + 1));
              ask(now, i);
            });
      }
    }
  }

  /**
   * The group stands with the last version that sampled it: those before it are of the same epoch
   * and older, and the first was looked at when the unit was granted.
   */
  private static void renewal(CompanyMoves moves, int i, PolicyVersion version) {
    Worker it = moves.from.generators().get(i);
    moves.add(
        () -> SmallPlan.name(i) + " goes on under " + version + " with " + it.unit().id() + ".",
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

  private static void proved(CompanyDraft now, int i, String digest) {
    Worker it = now.generators.get(i);
    Holding holding = it.holding().proved(it.version(), digest).asking();
    put(now, i, holding, Task.NONE, null, null);
    ask(now, i);
  }
}
