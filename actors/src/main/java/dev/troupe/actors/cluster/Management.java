package dev.troupe.actors.cluster;

import java.util.List;
import java.util.Optional;

/**
 * Where a node answers over HTTP whether it is alive ({@code /alive}) and a member of the cluster
 * ({@code /ready}), and how nodes find each other there. Nothing can be changed through it, and it
 * tells no more than the addresses of nodes.
 *
 * @param address to listen at; port 0 is any free one
 * @param bootstrap how the node finds the cluster, if no seed nodes are given
 */
public record Management(NodeAddress address, Optional<Bootstrap> bootstrap) {
  /** The port that Akka Management has by custom. */
  public static final int USUAL_PORT = 8_558;

  /** Where a node looks for the HTTP endpoints of others. */
  public sealed interface Bootstrap permits Kubernetes, Dns, Contacts {}

  /**
   * In the pods of its namespace that have a label; needs the right to list pods.
   *
   * @param service value of the label {@code app.kubernetes.io/name}
   */
  public record Kubernetes(String service) implements Bootstrap {
    @Override
    public String toString() {
      return "the pods with the label app.kubernetes.io/name=" + service;
    }
  }

  /**
   * At the addresses of a name, such as that of a headless service.
   *
   * @param name fully qualified
   */
  public record Dns(String name) implements Bootstrap {
    @Override
    public String toString() {
      return "the addresses of " + name;
    }
  }

  /** At addresses that are known beforehand. */
  public record Contacts(List<NodeAddress> addresses) implements Bootstrap {
    /** Copies the list. */
    public Contacts {
      addresses = List.copyOf(addresses);
    }

    @Override
    public String toString() {
      return String.join(", ", addresses.stream().map(NodeAddress::toString).toList());
    }
  }

  Management settled() {
    return new Management(address.free(NodeSettings.Transport.TCP, "--management"), bootstrap);
  }
}
