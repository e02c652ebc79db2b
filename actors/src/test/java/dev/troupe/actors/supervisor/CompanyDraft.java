package dev.troupe.actors.supervisor;

import dev.troupe.actors.supervisor.SmallCompany.Budget;
import dev.troupe.actors.supervisor.SmallCompany.Mail;
import dev.troupe.actors.supervisor.SmallCompany.Office;
import dev.troupe.actors.supervisor.SmallCompany.Store;
import dev.troupe.actors.supervisor.SmallCompany.Worker;
import java.util.ArrayList;
import java.util.List;

/** A state of a small company that is being changed. */
final class CompanyDraft {
  Office supervisor;
  Office replaced;
  List<Worker> generators = new ArrayList<>();
  Store experience;
  int saved;
  List<Mail> mail = new ArrayList<>();
  Budget left;
  String broken;

  CompanyDraft() {}

  CompanyDraft(SmallCompany from) {
    supervisor = from.supervisor();
    replaced = from.replaced();
    generators = new ArrayList<>(from.generators());
    experience = from.experience();
    saved = from.saved();
    mail = new ArrayList<>(from.mail());
    left = from.left();
  }

  /** A copy that comes later is the same as one that is kept. */
  void send(Mail message) {
    if (!mail.contains(message)) {
      mail.add(message);
    }
  }

  /** A rule does not hold any more. */
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
