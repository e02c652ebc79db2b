package dev.troupe.benchmarks;

import ai.djl.Device;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.program.TensorProgram;
import java.util.ArrayList;
import java.util.List;

/** Everything that the engine benchmark times, with the native memory it needs. */
final class EngineBench implements AutoCloseable {
  private final MachineLimits limits;
  private final List<Decoding> decoding = new ArrayList<>();
  private final List<Training> training = new ArrayList<>();

  /**
   * @param side rows and columns of the matrices that show the machine's peak
   */
  EngineBench(List<Workload> workloads, Accelerator accelerator, TensorProgram parts, int side) {
    limits = new MachineLimits(parts, accelerator.manager(), side);
    for (Workload workload : workloads) {
      decoding.add(new Decoding(workload, accelerator, parts));
      training.add(new Training(workload, accelerator, parts));
    }
  }

  /** What the machine can do and what decoding and training consist of, beside the decoder. */
  static TensorProgram parts() {
    return TensorProgram.load(
        Device.cpu(),
        List.of("decoder.py", "pack.py", "generate.py", "/dev/troupe/benchmarks/limits.py"));
  }

  /** The measures in the order of a round. */
  List<Measure> measures() {
    List<Measure> measures = new ArrayList<>(limits.measures());
    decoding.forEach(part -> measures.addAll(part.measures()));
    training.forEach(part -> measures.addAll(part.measures()));
    return measures;
  }

  @Override
  public void close() {
    training.forEach(Training::close);
    decoding.forEach(Decoding::close);
    limits.close();
  }
}
