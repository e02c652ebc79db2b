package dev.troupe.actors.generator;

import dev.troupe.actors.chat.AgentPlay;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.environment.Episodes;
import dev.troupe.runtime.environment.World;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;
import java.util.function.Function;

/** Decodes with the generation engine and weights from the exchange. */
public final class EngineDecoder implements Decoder {
  private final WeightsExchange exchange;
  private final PromptTokens prompts;
  private final Function<Ticket, Example> examples;
  private final Accelerator accelerator;
  private final NumericType compute;
  private WeightPrecision precision = WeightPrecision.FULL;
  private GenerationEngine engine;
  private String base;
  private AgentPlay agents;
  private PolicyVersion held;

  /**
   * @param accelerator where to compute; belongs to the caller
   * @param exchange where versions are borrowed
   * @param prompts how examples become tokens
   * @param examples the example that a ticket is about
   */
  public EngineDecoder(
      Accelerator accelerator,
      NumericType compute,
      WeightsExchange exchange,
      PromptTokens prompts,
      Function<Ticket, Example> examples) {
    this.exchange = exchange;
    this.prompts = prompts;
    this.examples = examples;
    this.accelerator = accelerator;
    this.compute = compute;
    this.engine = new GenerationEngine(accelerator, prompts.config(), compute);
  }

  @Override
  public String adopt(PolicyVersion version) {
    try (WeightsExchange.Loan loan = exchange.borrow(version)) {
      if (loan.precision() != precision) {
        engine.close();
        base = null;
        precision = loan.precision();
        engine = new GenerationEngine(accelerator, prompts.config(), compute, precision);
      }
      take(loan.weights());
      String digest = loan.weights().digest();
      held = new PolicyVersion(version.epoch(), version.number(), digest);
      return digest;
    }
  }

  /** Integers of a base that is held already stay; only adapters beside them are exchanged. */
  private void take(DecoderWeights weights) {
    if (precision == WeightPrecision.FULL) {
      engine.adopt(weights);
      return;
    }
    String offered = weights.baseDigest();
    if (offered.equals(base)) {
      engine.adoptAdapters(weights);
    } else {
      engine.adopt(weights);
    }
    base = offered;
  }

  @Override
  public List<Group> decode(WorkUnit unit, String generator) {
    var provenance = new Provenance(generator, unit.id(), held);
    return prompts
        .episodes()
        .map(episodes -> play(episodes, unit, provenance))
        .orElseGet(() -> PlainAnswers.of(prompts, this::complete, unit, examples, provenance));
  }

  private List<Group> play(Episodes episodes, WorkUnit unit, Provenance provenance) {
    if (episodes.world().player() instanceof World.Agent agent) {
      agents = agents == null ? new AgentPlay(prompts, episodes.world(), agent.program()) : agents;
      return agents.play(unit, examples, provenance, engine);
    }
    return new EpisodePlay(prompts, episodes, this::complete, unit).play(examples, provenance);
  }

  private List<List<Completion>> complete(
      List<GenerationRequest> requests, Sampling sampling, long seed) {
    return engine.generate(requests, sampling, seed, prompts.tokenizer());
  }

  @Override
  public void close() {
    if (agents != null) {
      agents.close();
    }
    engine.close();
  }
}
