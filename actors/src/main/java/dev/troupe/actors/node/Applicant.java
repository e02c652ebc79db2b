package dev.troupe.actors.node;

import dev.troupe.actors.protocol.Role;
import java.util.Set;

/**
 * Who a node is.
 *
 * @param node its name, unique in the cluster
 * @param roles what it offers to do
 * @param program the version of the program, see {@link Program#identity}
 * @param secret fingerprint of the secret that all nodes share, empty within one process
 * @param settings the settings of its recipe, as {@code run.conf} has them
 */
public record Applicant(
    String node, Set<Role> roles, String program, String secret, String settings) {
  /** Copies the set. */
  public Applicant {
    roles = Set.copyOf(roles);
  }
}
