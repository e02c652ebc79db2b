package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a course has published and still needs: a version stays on the exchange as long as tickets
 * may be bound to it, because a lost unit is decoded again by the very version it was planned for.
 */
final class Shelf implements AutoCloseable {
  private final WeightsExchange exchange;
  private final Set<PolicyVersion> published = new HashSet<>();
  private final Set<PolicyVersion> kept = new HashSet<>();
  private final TreeMap<Long, VersionSet> needed = new TreeMap<>();

  Shelf(WeightsExchange exchange) {
    this.exchange = exchange;
  }

  /** Publishes weights, which from now on belong to the exchange. */
  void put(PolicyVersion version, DecoderWeights weights) {
    put(version, weights, WeightPrecision.FULL);
  }

  /** Publishes weights that generators take up in a precision of their own. */
  void put(PolicyVersion version, DecoderWeights weights, WeightPrecision precision) {
    exchange.publish(version, weights, precision);
    published.add(version);
  }

  /** Keeps a version to the end of the course. */
  void keep(PolicyVersion version) {
    kept.add(version);
  }

  /** Notes the versions in force after some step. */
  void need(VersionSet versions) {
    needed.put(versions.step(), versions);
  }

  /** The policies in force since some step, oldest first. */
  List<PolicyVersion> since(long step) {
    return needed.tailMap(step).values().stream().map(VersionSet::policy).toList();
  }

  VersionSet at(long step) {
    return needed.get(step);
  }

  /** Oldest first. */
  List<VersionSet> needed() {
    return List.copyOf(needed.values());
  }

  /** Withdraws what only tickets of earlier versions were bound to. */
  void forgetBefore(long step) {
    needed.headMap(step).clear();
    var used = new HashSet<>(kept);
    for (VersionSet versions : needed.values()) {
      used.add(versions.policy());
      used.addAll(versions.candidates());
      used.addAll(versions.scoring().distinct());
    }
    for (PolicyVersion version : List.copyOf(published)) {
      if (!used.contains(version)) {
        exchange.withdraw(version);
        published.remove(version);
      }
    }
  }

  @Override
  public void close() {
    published.forEach(exchange::withdraw);
    published.clear();
    needed.clear();
  }
}
