package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.runtime.training.Trainer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A method that learns from completions of the stage's own data in place of sampled ones. */
final class ReadObjective implements Objective {
  private final Objective method;
  private final ReadGroups rows;
  private final Optional<ReadReference> reference;

  /**
   * @param method what a step does
   * @param rows where its groups come from
   * @param reference the frozen model that the method compares with; empty if it needs none
   */
  ReadObjective(Objective method, ReadGroups rows, Optional<ReadReference> reference) {
    this.method = method;
    this.rows = rows;
    this.reference = reference;
  }

  @Override
  public List<Memory> memories() {
    return Stream.concat(method.memories().stream(), reference.stream()).toList();
  }

  @Override
  public Consumer<Path> description() {
    return method.description();
  }

  @Override
  public Map<String, Double> learn(Trainer trainer, long step, List<ScoredGroup> sampled) {
    List<ScoredGroup> groups = rows.of(step);
    return method.learn(
        trainer, step, reference.map(model -> model.complete(groups)).orElse(groups));
  }
}
