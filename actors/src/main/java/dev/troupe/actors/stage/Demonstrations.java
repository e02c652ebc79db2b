package dev.troupe.actors.stage;

import dev.troupe.runtime.data.ExampleOrder;
import dev.troupe.runtime.data.PromptSource;
import dev.troupe.runtime.generation.CounterRandom;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.List;

/**
 * Demonstrations of the task in their shuffled order, batch by batch.
 *
 * @param source the task's examples
 * @param order which is read when
 * @param seed of what environments draw in demonstrations
 * @param prompts how they become tokens
 * @param batch demonstrations of one read
 */
record Demonstrations(
    PromptSource source, ExampleOrder order, long seed, PromptTokens prompts, int batch) {

  /**
   * @param read how often was read before
   * @return the next ones
   */
  List<TrainingSequence> read(long read) {
    var sequences = new ArrayList<TrainingSequence>(batch);
    for (int i = 0; i < batch; i++) {
      long position = read * batch + i;
      sequences.add(
          prompts.demonstration(
              source.get(order.index(position)), CounterRandom.stream(seed, position, 0)));
    }
    return sequences;
  }
}
