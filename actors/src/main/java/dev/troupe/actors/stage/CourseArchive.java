package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.training.Trainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The files of one checkpoint of a trained stage:
 *
 * <pre>
 * config.json, model.safetensors, tokenizer…   the weights for everybody, adapters merged
 * trainer.safetensors                          the weights with their adapters, only when there are any
 * optimizer.safetensors                        moments of AdamW
 * state.json                                   counters, digests, and which versions are held
 * critic.safetensors, kl.json…                what the method remembers besides, see {@link Memory}
 * policy-N.safetensors, reference-N.safetensors  held versions that differ from the weights above
 * </pre>
 */
final class CourseArchive {
  private static final String TRAINER = "trainer.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";

  private final Workbench bench;
  private final Trainer trainer;
  private final List<Memory> memories;
  private final Path directory;

  CourseArchive(Workbench bench, Trainer trainer, List<Memory> memories, Path directory) {
    this.bench = bench;
    this.trainer = trainer;
    this.memories = memories;
    this.directory = directory;
  }

  void write(
      StagePlan plan,
      long stepsDone,
      boolean hasAdapters,
      List<VersionSet> needed,
      PolicyVersion firstReference) {
    String digest;
    try (DecoderWeights merged = trainer.current().merged()) {
      bench.save(merged, directory);
      digest = merged.digest();
    }
    if (hasAdapters) {
      Safetensors.write(directory.resolve(TRAINER), trainer.current().toHost(), Map.of());
    }
    if (stepsDone < plan.steps()) {
      Safetensors.write(directory.resolve(OPTIMIZER), trainer.optimizer().toHost(), Map.of());
      memories.forEach(memory -> memory.write(directory));
    }
    var held = new ArrayList<CourseState.Held>();
    for (VersionSet versions : needed) {
      held.add(hold(versions, stepsDone, firstReference));
    }
    new CourseState(
            plan.name(),
            plan.kind(),
            stepsDone,
            trainer.steps(),
            plan.tickets().map(tickets -> tickets.firstOrdinal(stepsDone)).orElse(0L),
            bench.settings().seed(),
            bench.settings().settingsDigest(),
            digest,
            held)
        .write(directory);
  }

  private CourseState.Held hold(VersionSet versions, long stepsDone, PolicyVersion firstReference) {
    String policyFile = null;
    if (versions.step() < stepsDone) {
      policyFile = "policy-" + versions.step() + ".safetensors";
      copy(versions.policy(), policyFile);
    }
    PolicyVersion reference = versions.scoring().reference();
    String referenceFile = null;
    if (reference != null && !reference.equals(firstReference)) {
      referenceFile = "reference-" + reference.number() + ".safetensors";
      copy(reference, referenceFile);
    }
    return new CourseState.Held(
        versions.step(),
        versions.policy().digest(),
        policyFile,
        reference == null ? null : reference.digest(),
        reference == null ? 0 : reference.number(),
        referenceFile);
  }

  private void copy(PolicyVersion version, String file) {
    try (WeightsExchange.Loan loan = bench.exchange().borrow(version)) {
      Safetensors.write(directory.resolve(file), loan.weights().toHost(), Map.of());
    }
  }

  /** Puts the trainer where the checkpoint was taken. */
  CourseState restore(boolean hasAdapters) {
    CourseState state = CourseState.read(directory);
    if (hasAdapters) {
      try (DecoderWeights weights = policy(TRAINER)) {
        trainer.restore(weights);
      }
    } else {
      try (DecoderWeights weights = bench.load(directory)) {
        trainer.restore(weights);
      }
    }
    trainer
        .optimizer()
        .restore(Safetensors.read(directory.resolve(OPTIMIZER)), state.optimizerSteps());
    memories.forEach(memory -> memory.read(directory));
    return state;
  }

  /** Weights laid out like the trainer's, adapters included; the caller owns them. */
  DecoderWeights policy(String file) {
    Map<String, HostTensor> tensors = Safetensors.read(directory.resolve(file));
    DecoderWeights weights = trainer.snapshot();
    NDArray[] arrays = weights.arrays();
    for (int slot = 0; slot < arrays.length; slot++) {
      if (arrays[slot].size() > 0) {
        weights.restack(slot, arrays[slot], "", tensors);
      }
    }
    return weights;
  }

  /** A reference, which has no adapters; the caller owns it. */
  DecoderWeights reference(String file) {
    return DecoderWeights.of(
        bench.accelerator(),
        HuggingFaceDirectory.load(directory).config(),
        Safetensors.read(directory.resolve(file)));
  }
}
