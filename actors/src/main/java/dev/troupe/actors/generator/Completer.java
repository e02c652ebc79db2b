package dev.troupe.actors.generator;

import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import java.util.List;

/** What samples completions of prompts: the generation engine of this process, or a server. */
@FunctionalInterface
public interface Completer {
  /**
   * Samples a batch.
   *
   * @param requests prompts with their numbers of samples
   * @param seed with ticket, sample and position it fixes the random numbers
   * @return for each request its completions in sample order
   */
  List<List<Completion>> complete(List<GenerationRequest> requests, Sampling sampling, long seed);
}
