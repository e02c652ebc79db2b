package dev.troupe.actors.weights;

import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The exchange of a company in one process: snapshots with reference counts, nothing is copied. */
public final class InProcessExchange implements WeightsExchange {

  private static final class Snapshot {
    final DecoderWeights weights;
    final WeightPrecision precision;
    int loans;
    boolean isWithdrawn;

    Snapshot(DecoderWeights weights, WeightPrecision precision) {
      this.weights = weights;
      this.precision = precision;
    }
  }

  private final Map<PolicyVersion, Snapshot> published = new LinkedHashMap<>();

  @Override
  public synchronized void publish(
      PolicyVersion version, DecoderWeights weights, WeightPrecision precision) {
    if (published.containsKey(version)) {
      weights.close();
    } else {
      published.put(version, new Snapshot(weights, precision));
    }
  }

  synchronized boolean holds(PolicyVersion version) {
    return published.containsKey(version);
  }

  @Override
  public synchronized Loan borrow(PolicyVersion version) {
    Snapshot snapshot = published.get(version);
    if (snapshot == null) {
      throw new IllegalStateException(
          "policy version %s is not published, only %s".formatted(version, published.keySet()));
    }
    snapshot.loans++;
    return new Loan() {
      private boolean isClosed;

      @Override
      public DecoderWeights weights() {
        return snapshot.weights;
      }

      @Override
      public WeightPrecision precision() {
        return snapshot.precision;
      }

      @Override
      public void close() {
        if (!isClosed) {
          isClosed = true;
          giveBack(snapshot);
        }
      }
    };
  }

  @Override
  public synchronized Optional<Loan> borrowIfHere(PolicyVersion version) {
    return holds(version) ? Optional.of(borrow(version)) : Optional.empty();
  }

  private synchronized void giveBack(Snapshot snapshot) {
    snapshot.loans--;
    closeIfUnused(snapshot);
  }

  @Override
  public synchronized void withdraw(PolicyVersion version) {
    Snapshot snapshot = published.remove(version);
    if (snapshot != null) {
      snapshot.isWithdrawn = true;
      closeIfUnused(snapshot);
    }
  }

  private static void closeIfUnused(Snapshot snapshot) {
    if (snapshot.isWithdrawn && snapshot.loans == 0) {
      snapshot.weights.close();
    }
  }

  @Override
  public synchronized void close() {
    List<PolicyVersion> versions = new ArrayList<>(published.keySet());
    versions.forEach(this::withdraw);
  }
}
