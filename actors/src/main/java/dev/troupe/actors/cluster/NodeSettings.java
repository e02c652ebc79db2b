package dev.troupe.actors.cluster;

import dev.troupe.actors.protocol.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a node is and how it finds the others. None of it changes what a run computes.
 *
 * @param roles what it does
 * @param address where the others reach it; port 0 is any free one
 * @param dataPort UDP port on which weights come; 0 is any free one
 * @param secret file of the secret that all nodes share
 * @param seeds nodes of the cluster to join, first to last; a supervisor that is itself the first
 *     one founds the cluster if no other answers
 * @param transport how messages travel
 * @param detection how fast a silent node is given up
 * @param patience how long to look for a cluster, for a supervisor, or for somebody who plays a
 *     needed role
 * @param tls with what nodes prove who they are; present exactly with {@link Transport#TLS_TCP}
 * @param management where the node answers over HTTP, if it does
 */
public record NodeSettings(
    Set<Role> roles,
    NodeAddress address,
    int dataPort,
    Path secret,
    List<NodeAddress> seeds,
    Transport transport,
    Detection detection,
    Duration patience,
    Optional<TlsFiles> tls,
    Optional<Management> management) {

  /** How messages travel. */
  public enum Transport {
    /** Aeron over UDP, on the media driver of the node. */
    AERON_UDP,
    /** TCP. */
    TCP,
    /** TCP, encrypted, between nodes that have proved who they are. */
    TLS_TCP
  }

  /** How fast a silent node is given up. */
  public enum Detection {
    /** After 7 s, for nodes that stall for seconds in native code or garbage collection. */
    CALM,
    /** After 3 s, for quiet networks and for tests. */
    FAST
  }

  /** Copies the collections. */
  public NodeSettings {
    roles = Set.copyOf(roles);
    seeds = List.copyOf(seeds);
    if (tls.isPresent() != (transport == Transport.TLS_TCP)) {
      throw new IllegalArgumentException("transport = " + transport + " with tls = " + tls);
    }
  }

  /** A node whose messages travel unencrypted and that does not answer over HTTP. */
  public NodeSettings(
      Set<Role> roles,
      NodeAddress address,
      int dataPort,
      Path secret,
      List<NodeAddress> seeds,
      Transport transport,
      Detection detection,
      Duration patience) {
    this(
        roles,
        address,
        dataPort,
        secret,
        seeds,
        transport,
        detection,
        patience,
        Optional.empty(),
        Optional.empty());
  }

  /** How the node finds the others, if not by seed nodes. */
  Optional<Management.Bootstrap> bootstrap() {
    return management.flatMap(Management::bootstrap);
  }

  /**
   * The same with a port that is free, and with itself as the cluster if it has to join none.
   *
   * @throws dev.troupe.actors.protocol.RunException if it cannot be started at its address, cannot
   *     reach the seed nodes from there, or has unfit files for TLS
   */
  public NodeSettings settled() {
    NodeAddress own = address.free(transport, "--port");
    seeds.stream().filter(seed -> !seed.equals(own)).forEach(own::requireRouteTo);
    return new NodeSettings(
        roles,
        own,
        dataPort,
        secret,
        seeds.isEmpty() && bootstrap().isEmpty() ? List.of(own) : seeds,
        transport,
        detection,
        patience,
        tls.map(TlsFiles::checked),
        management.map(Management::settled));
  }
}
