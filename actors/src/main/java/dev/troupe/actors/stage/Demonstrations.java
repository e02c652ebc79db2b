package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.data.ExampleOrder;
import dev.troupe.runtime.data.PromptSource;
import dev.troupe.runtime.generation.CounterRandom;
import dev.troupe.runtime.training.TrainingSequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Demonstrations of the task in their shuffled order, batch by batch. The next batch becomes tokens
 * while a step is trained on the one before. One thread at a time.
 */
final class Demonstrations {
  /** A batch takes milliseconds; longer than this a disk or a query has died. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final PromptSource source;
  private final ExampleOrder order;
  private final long seed;
  private final PromptTokens prompts;
  private final int batch;
  private long aheadOf = -1;
  private CompletableFuture<List<TrainingSequence>> ahead;

  /**
   * @param source the task's examples
   * @param order which is read when
   * @param seed of what environments draw in demonstrations
   * @param prompts how they become tokens
   * @param batch demonstrations of one read
   */
  Demonstrations(
      PromptSource source, ExampleOrder order, long seed, PromptTokens prompts, int batch) {
    this.source = source;
    this.order = order;
    this.seed = seed;
    this.prompts = prompts;
    this.batch = batch;
  }

  /**
   * The next ones; those after them are read ahead.
   *
   * @param read how often was read before
   */
  List<TrainingSequence> read(long read) {
    List<TrainingSequence> sequences = ahead != null && aheadOf == read ? taken() : tokens(read);
    aheadOf = read + 1;
    ahead = CompletableFuture.supplyAsync(() -> tokens(read + 1));
    return sequences;
  }

  private List<TrainingSequence> tokens(long read) {
    var sequences = new ArrayList<TrainingSequence>(batch);
    for (int i = 0; i < batch; i++) {
      long position = read * batch + i;
      sequences.add(
          prompts.demonstration(
              source.get(order.index(position)), CounterRandom.stream(seed, position, 0)));
    }
    return sequences;
  }

  private List<TrainingSequence> taken() {
    try {
      return ahead.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException unchecked
          ? unchecked
          : new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new RunException(
          "the next demonstrations were not read within %d minutes; look at the data's disk or query"
              .formatted(PATIENCE.toMinutes()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading demonstrations", e);
    }
  }
}
