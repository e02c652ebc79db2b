package dev.troupe.runtime.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.http.CallException;
import java.nio.file.Path;
import java.util.Optional;

/** How one kind of server is spoken to. */
interface RemoteDialect {

  /**
   * One completion that is wanted.
   *
   * @param prompt token ids
   * @param sample its index in its group
   * @param maxTokens longest
   * @param seed of its random numbers
   */
  record Wanted(int[] prompt, int sample, int maxTokens, int seed) {}

  /** Where completions are asked for. */
  String completions();

  /**
   * What is posted there.
   *
   * @param model name of the weights
   */
  ObjectNode ask(Wanted wanted, Sampling sampling, String model);

  /**
   * The answer, read.
   *
   * @throws CallException if ids or log-probabilities are missing
   */
  Completion read(JsonNode answer, Wanted wanted) throws CallException;

  /** Whether new weights come as low-rank adapters over what the server was started with. */
  boolean takesAdapters();

  /** Where new weights are announced. */
  String reload();

  /** What is posted there. */
  ObjectNode announce(String name, Path directory);

  /**
   * Where weights that are not needed any more are given up; empty if new ones take their place.
   */
  Optional<String> unload();

  /** Where the server tells which weights it holds. */
  String held();

  /** Whether what it tells there names these weights. */
  boolean holds(JsonNode answer, String name, Path directory);
}
