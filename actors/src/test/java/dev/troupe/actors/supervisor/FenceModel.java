package dev.troupe.actors.supervisor;

import dev.troupe.actors.fence.Explorer;
import dev.troupe.actors.fence.Fence;
import dev.troupe.actors.fence.Holding;
import dev.troupe.actors.fence.Intake;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.actors.supervisor.SmallCompany.Budget;
import dev.troupe.actors.supervisor.SmallCompany.Kind;
import dev.troupe.actors.supervisor.SmallCompany.Mail;
import dev.troupe.actors.supervisor.SmallCompany.Office;
import dev.troupe.actors.supervisor.SmallCompany.Store;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
 * group is on its way.
 */
final class FenceModel implements Explorer.Model<SmallCompany> {
  static final String LEARNT = "A step was trained on tokens that other weights sampled.";
  static final String BACK = "A generator went back to weights of an earlier epoch.";
  static final String DECODED = "A unit was decoded by other weights than its version's.";
  static final String TWICE = "The group of a ticket counted twice.";
  static final String REFUSED = "The learner was handed groups that it has to refuse.";

  private final StagePlan stage;
  private final int generators;
  private final Budget budget;
  private final ModelSupervisor supervisor;
  private final ModelGenerators members;
  private final ModelExperience experience;

  /**
   * @param fence the rules
   * @param stage units of one ticket each
   * @param budget what may go wrong
   */
  FenceModel(Fence fence, StagePlan stage, int generators, Budget budget) {
    this.stage = stage;
    this.generators = generators;
    this.budget = budget;
    var plan = new SmallPlan(fence, stage);
    this.supervisor = new ModelSupervisor(plan);
    this.members = new ModelGenerators(plan);
    this.experience = new ModelExperience(plan);
  }

  @Override
  public SmallCompany initial() {
    var versions = new TreeMap<>(Map.of(0, SmallPlan.version(0, 0, 0)));
    var now = new CompanyDraft();
    now.supervisor = supervisor.planned(new Office(0, versions, 0, Map.of(), List.of(), List.of()));
    now.experience = new Store(versions, 0, new TreeMap<>());
    now.left = budget;
    for (int i = 0; i < generators; i++) {
      now.generators.add(members.born(0));
      ModelGenerators.ask(now, i);
    }
    return now.done();
  }

  @Override
  public byte[] key(SmallCompany state) {
    return state.key();
  }

  @Override
  public boolean isEnd(SmallCompany state) {
    return state.supervisor().step() == stage.steps();
  }

  @Override
  public List<Explorer.Move<SmallCompany>> moves(SmallCompany state) {
    var moves = new CompanyMoves(state);
    state.mail().forEach(message -> mail(moves, message));
    for (int i = 0; i < generators; i++) {
      members.work(moves, i);
    }
    supervisor.lead(moves);
    return moves.list;
  }

  private void mail(CompanyMoves moves, Mail message) {
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
            now.left = left.less(Budget.COPY);
            deliver(now, message);
          });
    }
    if (left.losses() > 0) {
      moves.add(
          () -> "This is lost: " + said(message),
          now -> {
            now.left = left.less(Budget.LOSS);
            now.mail.remove(message);
          });
    }
    if (message.kind() == Kind.ASK && moves.from.replaced() != null) {
      moves.add(
          () -> "The replaced supervisor hears: " + said(message),
          now -> {
            now.left = left.less(Budget.ECHO);
            now.replaced = supervisor.heard(now, now.replaced, message);
            if (now.left.echoes() == 0) {
              now.replaced = null;
            }
          });
    }
  }

  private void deliver(CompanyDraft now, Mail message) {
    switch (message.kind()) {
      case ASK -> now.supervisor = supervisor.heard(now, now.supervisor, message);
      case ADOPT -> members.onAdopt(now, message);
      case GRANT -> members.onGrant(now, message);
      case RECEIVED -> members.onReceived(now, message);
      case LOST -> supervisor.onLost(now, message);
      case GROUPS -> experience.onGroups(now, message);
      case READY -> supervisor.onReady(now, message);
    }
  }

  private static String said(Mail it) {
    String who =
        SmallPlan.name(it.generator()) + (it.life() == 0 ? "" : " (life " + (it.life() + 1) + ")");
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
              .formatted(SmallPlan.ticket(it.unit()), who, it.version(), it.unit().policy());
      case RECEIVED -> "%s hears that %s arrived.".formatted(who, it.finished());
      case READY -> "The supervisor hears that the group of %s is complete.".formatted(it.ticket());
    };
  }
}
