package dev.troupe.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.program.TensorProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Decoding 64 prompts at temperature 1 with log-probabilities, and the parts it consists of. */
final class Decoding implements AutoCloseable {
  static final String EAGER = "eager";
  static final String EAGER_UNIFORM = "eager, one draw a row";
  static final String PRODUCTS = "products";
  static final String ATTENTION = "attention";
  static final String SAMPLING = "sampling";

  /** Tokens a row of one call of a part. */
  private static final int PART_TOKENS = 16;

  private static final int BLOCKED_ROWS = 64;

  private final Workload workload;
  private final TensorProgram parts;
  private final NDManager manager;
  private final DecoderWeights weights;
  private final List<EagerGenerator> eager = new ArrayList<>();
  private final List<GenerationEngine> engines = new ArrayList<>();
  private final List<Measure> measures = new ArrayList<>();

  Decoding(Workload workload, Accelerator accelerator, TensorProgram parts) {
    this.workload = workload;
    this.parts = parts;
    this.manager = accelerator.manager().newSubManager();
    this.weights = DecoderWeights.random(accelerator, workload.config(), 1);
    List<GenerationRequest> unit = prompts();
    long[] promptsBP =
        unit.stream().flatMapToInt(r -> Arrays.stream(r.promptTokens())).asLongStream().toArray();
    for (EagerGenerator.Draw draw : EagerGenerator.Draw.values()) {
      var generator = new EagerGenerator(weights, draw);
      eager.add(generator);
      measures.add(
          new Measure(
              name(workload, draw == EagerGenerator.Draw.NOISE ? EAGER : EAGER_UNIFORM),
              workload.decodedTokens(),
              () -> generator.generate(promptsBP, Workload.DECODE_ROWS, workload.newTokens())));
    }
    Sampling sampling = Sampling.plain(workload.newTokens(), List.of());
    for (NumericType type : NumericType.values()) {
      var engine = new GenerationEngine(accelerator, workload.config(), type);
      engine.adopt(weights);
      engines.add(engine);
      measures.add(
          new Measure(
              name(workload, label(type)),
              workload.decodedTokens(),
              () -> engine.generate(unit, sampling, 1, null)));
      parts(type, accelerator);
    }
    sampling();
  }

  /** The name of a measure of a workload. */
  static String name(Workload workload, String what) {
    return workload.name() + " decode " + what;
  }

  static String label(NumericType type) {
    return type == NumericType.FP32 ? "fp32" : "bf16";
  }

  List<Measure> measures() {
    return measures;
  }

  private List<GenerationRequest> prompts() {
    var random = new Random(2);
    var unit = new ArrayList<GenerationRequest>();
    for (int i = 0; i < Workload.DECODE_ROWS; i++) {
      int[] prompt =
          random.ints(workload.promptTokens(), 0, workload.config().vocabSize()).toArray();
      unit.add(new GenerationRequest(i, prompt, 1));
    }
    return unit;
  }

  private void parts(NumericType type, Accelerator accelerator) {
    DecoderConfig config = workload.config();
    int rows = Workload.DECODE_ROWS;
    double tokens = (double) rows * PART_TOKENS;
    NDArray[] packed =
        accelerator
            .program()
            .call(
                "pack",
                weights.arrays(),
                weights.shape(),
                weights.numbers(),
                weights.scale(),
                0, // no integers
                type.code(),
                true,
                BLOCKED_ROWS)
            .tensors(manager);
    NDArray x = manager.randomNormal(new Shape(rows, config.width()));
    NDArray inner = manager.randomNormal(new Shape(rows, config.feedForward()));
    measures.add(
        new Measure(
            name(workload, label(type) + " " + PRODUCTS),
            tokens,
            () ->
                parts
                    .call(
                        "decode_products",
                        packed,
                        x,
                        inner,
                        config.layers(),
                        type.code(),
                        PART_TOKENS)
                    .close()));
    NDArray q =
        manager.randomNormal(
            new Shape(rows, config.kvHeads(), config.headsPerKv(), config.headSize()));
    // A cache a layer, as in decoding: what one layer reads is no longer near when it comes again.
    NDArray[] keys = new NDArray[config.layers()];
    NDArray[] values = new NDArray[config.layers()];
    for (int layer = 0; layer < keys.length; layer++) {
      keys[layer] =
          cache(type, new Shape(rows, config.kvHeads(), config.headSize(), workload.meanWidth()));
      values[layer] =
          cache(type, new Shape(rows, config.kvHeads(), workload.meanWidth(), config.headSize()));
    }
    measures.add(
        new Measure(
            name(workload, label(type) + " " + ATTENTION),
            tokens,
            () ->
                parts.call("decode_attention", q, keys, values, type.code(), PART_TOKENS).close()));
  }

  private NDArray cache(NumericType type, Shape shape) {
    try (NDArray random = manager.randomNormal(shape)) {
      return parts.call("converted", new NDArray[] {random}, type.code()).tensors(manager)[0];
    }
  }

  private void sampling() {
    int rows = Workload.DECODE_ROWS;
    NDArray logits = manager.randomNormal(new Shape(rows, workload.config().vocabSize()));
    NDArray uniform = manager.randomUniform(0f, 1f, new Shape(rows, 1));
    measures.add(
        new Measure(
            name(workload, SAMPLING),
            (double) rows * PART_TOKENS,
            () -> parts.call("draws", logits, uniform, PART_TOKENS).close()));
  }

  @Override
  public void close() {
    engines.forEach(GenerationEngine::close);
    eager.forEach(EagerGenerator::close);
    weights.close();
    manager.close();
  }
}
