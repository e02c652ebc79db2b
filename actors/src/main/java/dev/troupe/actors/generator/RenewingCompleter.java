package dev.troupe.actors.generator;

import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.DecodeBatch;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.generation.Stretch;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Completions that may go on under newer weights, chunk by chunk, and which version sampled which
 * of their tokens.
 */
final class RenewingCompleter implements Completer {
  private final GenerationEngine engine;
  private final Tokenizer tokenizer;
  private final Supplier<PolicyVersion> renewal;

  /** Which version each of the engine's adoptions was. */
  private final Map<Long, PolicyVersion> versions = new HashMap<>();

  /**
   * @param renewal asked before each chunk: has the engine take up what is newer, if anything is,
   *     and gives the version that it then holds
   */
  RenewingCompleter(GenerationEngine engine, Tokenizer tokenizer, Supplier<PolicyVersion> renewal) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.renewal = renewal;
  }

  @Override
  public List<List<Completion>> complete(
      List<GenerationRequest> requests, Sampling sampling, long seed) {
    try (DecodeBatch batch = engine.start(requests, sampling, seed, tokenizer)) {
      while (!batch.isFinished()) {
        PolicyVersion held = renewal.get();
        versions.put(engine.adopted(), held);
        batch.advance();
      }
      return batch.completions();
    }
  }

  /** Where one of the completions that were sampled here comes from. */
  Provenance provenance(Completion completion, String generator, UnitId unit) {
    List<Stretch> stretches = completion.stretches();
    var renewals = new ArrayList<Provenance.Renewal>(stretches.size() - 1);
    for (Stretch stretch : stretches.subList(1, stretches.size())) {
      renewals.add(new Provenance.Renewal(stretch.from(), versions.get(stretch.adoption())));
    }
    PolicyVersion first = versions.get(stretches.get(0).adoption());
    return new Provenance(generator, unit, first, renewals);
  }
}
