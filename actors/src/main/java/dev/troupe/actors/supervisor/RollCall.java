package dev.troupe.actors.supervisor;

import dev.troupe.actors.supervisor.CompanyState.Member;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says who is doing what, from what the supervisor keeps anyway. */
final class RollCall {
  private static final String IDLE = "idle";

  private final UnitBook book;
  private final Granting granting;
  private final Waits waits;

  RollCall(UnitBook book, Granting granting, Waits waits) {
    this.book = book;
    this.granting = granting;
    this.waits = waits;
  }

  /**
   * What everybody is doing now.
   *
   * @param work on the stage under way; empty before the first one
   */
  CompanyState state(String phase, Optional<StageWork> work) {
    Optional<PolicyVersion> policy =
        work.map(StageWork::versions)
            .filter(versions -> !versions.isEmpty())
            .map(versions -> versions.newest().policy());
    return new CompanyState(
        phase,
        work.map(it -> it.stage().name()).orElse(""),
        work.map(StageWork::step).orElse(0L),
        work.map(it -> it.stage().steps()).orElse(0L),
        policy,
        members(phase, policy),
        waits.list());
  }

  /**
   * @param learner the version that the learner published last
   */
  private List<Member> members(String phase, Optional<PolicyVersion> learner) {
    var members = new ArrayList<Member>();
    members.add(new Member("supervisor", phase, Optional.empty()));
    for (Map.Entry<String, Optional<PolicyVersion>> generator : granting.known().entrySet()) {
      String name = generator.getKey();
      members.add(new Member(name, generating(name), generator.getValue()));
    }
    int decoded = book.decodedUnits();
    String scoring = decoded == 0 ? IDLE : "scoring " + units(decoded);
    members.add(new Member("reward", scoring, Optional.empty()));
    members.add(new Member("reference", scoring, Optional.empty()));
    members.add(new Member("experience", collecting(), Optional.empty()));
    members.add(new Member("learner", learning(), learner));
    members.add(new Member("recorder", awaited(new WaitKey.Recorder()), Optional.empty()));
    return members;
  }

  private String learning() {
    boolean isWriting = !waits.isOpen(new WaitKey.Learner());
    return awaited(isWriting ? new WaitKey.Saving() : new WaitKey.Learner());
  }

  private String collecting() {
    return book.completeGroups() + book.openUnits() == 0
        ? IDLE
        : "holding %d complete groups, %s to come"
            .formatted(book.completeGroups(), units(book.openUnits()));
  }

  private String generating(String name) {
    if (waits.isOpen(new WaitKey.Adoption(name))) {
      return "taking up a version";
    }
    return book.undecodedBy(name).stream().findFirst().map(unit -> "decoding " + unit).orElse(IDLE);
  }

  /** A wait reads "the learner to train step 3"; its owner is at work. */
  private String awaited(WaitKey key) {
    // Of "the learner to train step 3" what is done, for who does it is said already.
    return waits
        .find(key)
        .map(wait -> "at work: " + wait.what().replaceFirst("^the \\S+ to ", "to "))
        .orElse(IDLE);
  }

  private static String units(int count) {
    return count == 1 ? "1 work unit" : count + " work units";
  }
}
