package dev.troupe.actors.weights;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** The exchange of nodes that share a folder. */
public final class FolderExchange implements WeightsExchange {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path folder;
  private final Accelerator accelerator;
  private final HolderDirectory holders;
  private final InProcessExchange own = new InProcessExchange();
  private final java.util.Set<PolicyVersion> published = new java.util.HashSet<>();

  public FolderExchange(Path folder, Accelerator accelerator, HolderDirectory holders) {
    this.folder = folder;
    this.accelerator = accelerator;
    this.holders = holders;
  }

  private Path place(PolicyVersion version) {
    return folder.resolve(version.toString());
  }

  @Override
  public synchronized void publish(
      PolicyVersion version, DecoderWeights weights, WeightPrecision precision) {
    Path place = place(version);
    try {
      if (!Files.exists(place)) {
        Path draft = folder.resolve(version + ".part");
        Files.createDirectories(draft);
        HuggingFaceDirectory.writeInto(
            draft, weights.config(), weights.toHost(), null, Long.MAX_VALUE / 2);
        Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new RunException("cannot publish " + version + ": " + e, e);
    }
    own.publish(version, weights, precision);
    published.add(version);
    holders.announce(version, true);
  }

  @Override
  public Loan borrow(PolicyVersion version) {
    synchronized (this) {
      if (published.contains(version)) {
        return own.borrow(version);
      }
    }
    try {
      if (holders.holders(version, PATIENCE).isEmpty()) {
        throw new IllegalStateException("nobody holds " + version);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    DecoderWeights weights =
        DecoderWeights.load(accelerator, HuggingFaceDirectory.load(place(version)));
    return new Loan() {
      @Override
      public DecoderWeights weights() {
        return weights;
      }

      @Override
      public WeightPrecision precision() {
        return WeightPrecision.FULL;
      }

      @Override
      public void close() {
        weights.close();
      }
    };
  }

  @Override
  public synchronized void withdraw(PolicyVersion version) {
    if (!published.remove(version)) {
      return;
    }
    holders.retract(version);
    own.withdraw(version);
    try (Stream<Path> files = Files.walk(place(version))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new RunException("cannot withdraw " + version + ": " + e, e);
    }
  }

  @Override
  public synchronized void close() {
    java.util.List.copyOf(published).forEach(this::withdraw);
    own.close();
  }
}
