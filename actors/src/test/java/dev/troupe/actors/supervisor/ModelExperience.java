package dev.troupe.actors.supervisor;

import dev.troupe.actors.fence.Intake;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.supervisor.SmallCompany.Kind;
import dev.troupe.actors.supervisor.SmallCompany.Mail;
import dev.troupe.actors.supervisor.SmallCompany.Store;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/** What the experience of a small company does. */
final class ModelExperience {
  private final SmallPlan plan;

  ModelExperience(SmallPlan plan) {
    this.plan = plan;
  }

  private Intake intake(Store store) {
    var intake = new Intake(plan.fence);
    store.known().forEach((step, it) -> intake.know(new VersionSet(step, it, ScoringModels.NONE)));
    intake.forget("grpo", plan.tickets.firstOrdinal(store.over()));
    return intake;
  }

  void onGroups(CompanyDraft now, Mail message) {
    TicketId id = SmallPlan.ticket(message.unit());
    Intake intake = intake(now.experience);
    List<PolicyVersion> sampled =
        message.version() == null ? List.of() : List.of(message.version());
    if (intake.isWanted(id)
        && !now.experience.groups().containsKey(id)
        && intake.admits(message.unit().tickets().get(0), plan.stage.pacing(), sampled)) {
      var groups = new TreeMap<>(now.experience.groups());
      groups.put(id, Objects.requireNonNullElse(message.version(), SmallPlan.version(9, 9, 0)));
      now.experience = new Store(now.experience.known(), now.experience.over(), groups);
      now.send(ModelSupervisor.ready(now.supervisor.epoch(), message.unit()));
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
}
