package dev.troupe.actors.weights;

import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.transport.Cargo;
import dev.troupe.runtime.transport.DataPlane;
import dev.troupe.runtime.transport.Parcel;
import dev.troupe.runtime.transport.ParcelId;
import dev.troupe.runtime.transport.Segments;
import dev.troupe.runtime.transport.WeightsBundle;
import dev.troupe.runtime.transport.WeightsDelta;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What this node offers to others of the versions that it holds: each one's bytes, the base that
 * adapters lie over once for all of them, and what changed since the version before. Weights stay
 * in memory while something of them is offered. Not safe for use by several threads.
 */
final class VersionOffers {
  /** Above this share of the whole a delta is not worth its processor time. */
  private static final double LARGEST_DELTA = 0.85;

  private final DataPlane plane;
  private final InProcessExchange held;
  private final Map<PolicyVersion, List<ParcelId>> offered = new LinkedHashMap<>();
  private final Map<PolicyVersion, String> baseOf = new HashMap<>();
  private final Map<String, Segments> bases = new LinkedHashMap<>();

  /**
   * @param held where the weights are that are offered
   */
  VersionOffers(DataPlane plane, InProcessExchange held) {
    this.plane = plane;
    this.held = held;
  }

  static ParcelId id(Cargo cargo, PolicyVersion version) {
    return new ParcelId(cargo, version.epoch(), version.number(), version.digest());
  }

  static ParcelId baseId(String digest) {
    return new ParcelId(Cargo.BASE, 0, 0, digest);
  }

  /** Offers a version that is held. */
  void add(PolicyVersion version) {
    WeightsExchange.Loan loan = held.borrow(version);
    DecoderWeights weights = loan.weights();
    ParcelId id = id(Cargo.WEIGHTS, version);
    plane.offer(new Parcel(id, WeightsBundle.moving(weights, loan.precision()), loan::close));
    offered.put(version, List.of(id));
    if (weights.lora() != null) {
      String base = weights.baseDigest();
      baseOf.put(version, base);
      if (!bases.containsKey(base)) {
        WeightsExchange.Loan kept = held.borrow(version);
        Segments bytes = WeightsBundle.base(weights);
        plane.offer(new Parcel(baseId(base), bytes, kept::close));
        bases.put(base, bytes);
      }
    }
  }

  /** The bytes of a base that is offered here. */
  Optional<Segments> base(String digest) {
    return Optional.ofNullable(bases.get(digest));
  }

  /**
   * Offers what a version changes of another one, if both are held without adapters, are of one
   * decoder, and it is little enough.
   *
   * @return the delta's name, or empty if there is none
   */
  Optional<ParcelId> addDelta(PolicyVersion before, PolicyVersion version) {
    if (before == null || !held.holds(before) || !held.holds(version)) {
      return Optional.empty();
    }
    try (WeightsExchange.Loan old = held.borrow(before);
        WeightsExchange.Loan fresh = held.borrow(version)) {
      DecoderWeights weights = fresh.weights();
      if (weights.lora() != null
          || old.weights().lora() != null
          || !weights.config().equals(old.weights().config())) {
        return Optional.empty();
      }
      var delta = new WeightsDelta(old.weights(), before.digest(), weights, fresh.precision());
      double whole = Float.BYTES * (double) weights.config().parameters();
      if (delta.bytes().length() > LARGEST_DELTA * whole) {
        delta.close();
        return Optional.empty();
      }
      ParcelId id = id(Cargo.DELTA, version);
      plane.offer(new Parcel(id, delta.bytes(), delta::close));
      offered.put(version, List.of(id(Cargo.WEIGHTS, version), id));
      return Optional.of(id);
    }
  }

  boolean contains(PolicyVersion version) {
    return offered.containsKey(version);
  }

  List<PolicyVersion> versions() {
    return List.copyOf(offered.keySet());
  }

  /** Ends the offers of a version; the newest base stays for the versions to come. */
  void remove(PolicyVersion version) {
    List<ParcelId> parcels = offered.remove(version);
    if (parcels == null) {
      return;
    }
    parcels.forEach(plane::withdraw);
    baseOf.remove(version);
    List<String> digests = List.copyOf(bases.keySet());
    for (String base : digests.subList(0, Math.max(0, digests.size() - 1))) {
      if (!baseOf.containsValue(base)) {
        dropBase(base);
      }
    }
  }

  private void dropBase(String digest) {
    bases.remove(digest);
    plane.withdraw(baseId(digest));
  }

  void close() {
    versions().forEach(this::remove);
    List.copyOf(bases.keySet()).forEach(this::dropBase);
  }
}
