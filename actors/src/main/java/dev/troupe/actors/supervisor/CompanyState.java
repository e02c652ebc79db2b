package dev.troupe.actors.supervisor;

import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;
import java.util.Optional;

/**
 * What everybody is doing at one moment, as far as the supervisor knows.
 *
 * @param phase what the run is at, such as {@code training}
 * @param stage the stage, empty before the first one
 * @param step steps of the stage that are done
 * @param totalSteps steps the stage will have
 * @param policy the newest policy version of the stage, once it is open
 * @param members every role
 * @param waits what the run waits for, oldest wait first
 */
public record CompanyState(
    String phase,
    String stage,
    long step,
    long totalSteps,
    Optional<PolicyVersion> policy,
    List<Member> members,
    List<Wait> waits) {

  /**
   * One of the company.
   *
   * @param name such as {@code generator-1}
   * @param doing a participle and what it acts on, or {@code idle}
   * @param version the policy version that it has proved to hold, if it holds any
   */
  public record Member(String name, String doing, Optional<PolicyVersion> version) {}

  /** Copies the lists. */
  public CompanyState {
    members = List.copyOf(members);
    waits = List.copyOf(waits);
  }
}
