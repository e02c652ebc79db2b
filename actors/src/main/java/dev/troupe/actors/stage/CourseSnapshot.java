package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.training.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Takes a trained stage into host memory, so that its checkpoint, whose files {@link CourseArchive}
 * lists, can be written while it trains on.
 */
final class CourseSnapshot {
  private final Workbench bench;
  private final Trainer trainer;
  private final List<Memory> memories;
  private final PolicyVersion firstReference;

  /**
   * @param firstReference the reference that the stage began with, or null
   */
  CourseSnapshot(
      Workbench bench, Trainer trainer, List<Memory> memories, PolicyVersion firstReference) {
    this.bench = bench;
    this.trainer = trainer;
    this.memories = memories;
    this.firstReference = firstReference;
  }

  /**
   * @param needed versions that tickets of coming steps are bound to
   * @return writes the files into the directory of the checkpoint, by any thread
   */
  Consumer<Path> take(
      StagePlan plan, long stepsDone, boolean hasAdapters, List<VersionSet> needed) {
    DecoderConfig config;
    List<HostTensor> weights;
    try (DecoderWeights merged = trainer.current().merged()) {
      config = merged.config();
      weights = merged.toHost();
    }
    var tensors = new LinkedHashMap<String, List<HostTensor>>();
    if (hasAdapters) {
      tensors.put(CourseArchive.TRAINER, trainer.current().toHost());
    }
    var others = new ArrayList<Consumer<Path>>();
    if (stepsDone < plan.steps()) {
      tensors.put(CourseArchive.OPTIMIZER, trainer.optimizer().toHost());
      memories.forEach(memory -> others.add(memory.snapshot()));
    }
    var held = new ArrayList<CourseState.Held>();
    for (VersionSet versions : needed) {
      held.add(hold(versions, stepsDone, tensors));
    }
    long optimizerSteps = trainer.steps();
    return directory -> {
      bench.files(config, weights).accept(directory);
      tensors.forEach(
          (file, values) -> Safetensors.write(directory.resolve(file), values, Map.of()));
      others.forEach(other -> other.accept(directory));
      new CourseState(
              plan.name(),
              plan.kind(),
              stepsDone,
              optimizerSteps,
              plan.tickets().map(tickets -> tickets.firstOrdinal(stepsDone)).orElse(0L),
              bench.settings().seed(),
              bench.settings().settingsDigest(),
              WeightsDigest.of(weights),
              held)
          .write(directory);
    };
  }

  private CourseState.Held hold(
      VersionSet versions, long stepsDone, Map<String, List<HostTensor>> tensors) {
    String policyFile = null;
    if (versions.step() < stepsDone) {
      policyFile = "policy-" + versions.step() + ".safetensors";
      tensors.put(policyFile, copy(versions.policy()));
    }
    PolicyVersion reference = versions.scoring().reference();
    String referenceFile = null;
    if (reference != null && !reference.equals(firstReference)) {
      referenceFile = "reference-" + reference.number() + ".safetensors";
      if (!tensors.containsKey(referenceFile)) {
        tensors.put(referenceFile, copy(reference));
      }
    }
    return new CourseState.Held(
        versions.step(),
        versions.policy().digest(),
        policyFile,
        reference == null ? null : reference.digest(),
        reference == null ? 0 : reference.number(),
        referenceFile);
  }

  private List<HostTensor> copy(PolicyVersion version) {
    try (WeightsExchange.Loan loan = bench.exchange().borrow(version)) {
      return loan.weights().toHost();
    }
  }
}
