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
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

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
  public PolicyVersion held() {
    return held;
  }

  @Override
  public List<Group> decode(
      WorkUnit unit, String generator, Supplier<Optional<PolicyVersion>> newer) {
    return prompts
        .episodes()
        .map(episodes -> play(episodes, unit, generator))
        .orElseGet(() -> answer(unit, generator, newer));
  }

  /**
   * One version plays a unit: the turns of an episode go on from what was read before, under the
   * weights that read it.
   */
  private List<Group> play(Episodes episodes, WorkUnit unit, String generator) {
    var provenance = new Provenance(generator, unit.id(), held);
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

  private List<Group> answer(
      WorkUnit unit, String generator, Supplier<Optional<PolicyVersion>> newer) {
    var completer =
        new RenewingCompleter(
            engine,
            prompts.tokenizer(),
            () -> {
              newer.get().filter(version -> version.isNewerThan(held)).ifPresent(this::renew);
              return held;
            });
    return PlainAnswers.of(
        prompts,
        completer,
        unit,
        examples,
        completion -> completer.provenance(completion, generator, unit.id()));
  }

  /** Goes on under a version once its weights are here, if they are what they should be. */
  private void renew(PolicyVersion version) {
    exchange
        .borrowIfHere(version)
        .ifPresent(
            lent -> {
              try (WeightsExchange.Loan loan = lent) {
                if (loan.precision() == precision
                    && loan.weights().digest().equals(version.digest())) {
                  take(loan.weights());
                  held = version;
                }
              }
            });
  }

  @Override
  public void close() {
    if (agents != null) {
      agents.close();
    }
    engine.close();
  }
}
