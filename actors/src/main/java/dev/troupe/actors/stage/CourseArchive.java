package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.Safetensors;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.training.Trainer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The files of one checkpoint of a trained stage, which {@link CourseSnapshot} writes:
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
  /** The weights with their adapters, for stages that go on with these. */
  static final String TRAINER = "trainer.safetensors";

  /** Moments of AdamW. */
  static final String OPTIMIZER = "optimizer.safetensors";

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
