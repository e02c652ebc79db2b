package dev.troupe.actors.generator;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.DecodeBatch;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.generation.Stretch;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes with the generation engine and weights from the exchange. */
public final class EngineDecoder implements Decoder {
  private static final Logger LOG = LoggerFactory.getLogger(EngineDecoder.class);

  private final WeightsExchange exchange;
  private final PromptTokens prompts;
  private final Function<Ticket, Example> examples;
  private final Accelerator accelerator;
  private final NumericType compute;
  private WeightPrecision precision = WeightPrecision.FULL;
  private GenerationEngine engine;
  private String base;
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
        .map(
            episodes ->
                new EpisodePlay(prompts, episodes, this::complete, unit)
                    .play(examples, new Provenance(generator, unit.id(), held)))
        .orElseGet(() -> answer(unit, generator, newer));
  }

  /** Turns of an episode are short: what is newer waits for the next unit. */
  private List<List<Completion>> complete(
      List<GenerationRequest> requests, Sampling sampling, long seed) {
    return engine.generate(requests, sampling, seed, prompts.tokenizer());
  }

  /** A completion answers each prompt. */
  private List<Group> answer(
      WorkUnit unit, String generator, Supplier<Optional<PolicyVersion>> newer) {
    var requests = new ArrayList<GenerationRequest>(unit.tickets().size());
    for (Ticket ticket : unit.tickets()) {
      int[] prompt = prompts.prompt(examples.apply(ticket));
      requests.add(new GenerationRequest(ticket.draw(), prompt, ticket.samples()));
    }
    // Which version each of the engine's adoptions was.
    var versions = new HashMap<Long, PolicyVersion>();
    List<List<Completion>> completions;
    try (DecodeBatch batch =
        engine.start(requests, unit.sampling(), unit.seed(), prompts.tokenizer())) {
      while (!batch.isFinished()) {
        newer.get().filter(version -> version.isNewerThan(held)).ifPresent(this::renew);
        versions.put(engine.adopted(), held);
        batch.advance();
      }
      completions = batch.completions();
    }
    var groups = new ArrayList<Group>(requests.size());
    for (int i = 0; i < requests.size(); i++) {
      var rollouts = new ArrayList<Rollout>(completions.get(i).size());
      for (Completion completion : completions.get(i)) {
        rollouts.add(rollout(completion, unit, provenance(completion, unit, generator, versions)));
      }
      groups.add(new Group(unit.tickets().get(i), requests.get(i).promptTokens(), rollouts));
    }
    return groups;
  }

  /** Goes on under a version if its weights can be had and are what they should be. */
  private void renew(PolicyVersion version) {
    try (WeightsExchange.Loan loan = exchange.borrow(version)) {
      if (loan.precision() == precision && loan.weights().digest().equals(version.digest())) {
        take(loan.weights());
        held = version;
      }
    } catch (IllegalStateException e) {
      // It is withdrawn by now, or cannot be fetched: a newer one is taken up before the next unit.
      LOG.debug("decoding goes on under {}: {}", held, e.getMessage());
    }
  }

  private static Provenance provenance(
      Completion completion, WorkUnit unit, String generator, Map<Long, PolicyVersion> versions) {
    List<Stretch> stretches = completion.stretches();
    var renewals = new ArrayList<Provenance.Renewal>(stretches.size() - 1);
    for (Stretch stretch : stretches.subList(1, stretches.size())) {
      renewals.add(new Provenance.Renewal(stretch.from(), versions.get(stretch.adoption())));
    }
    PolicyVersion first = versions.get(stretches.get(0).adoption());
    return new Provenance(generator, unit.id(), first, renewals);
  }

  private Rollout rollout(Completion completion, WorkUnit unit, Provenance provenance) {
    return new Rollout(
        completion.sample(),
        completion.tokens(),
        completion.logps(),
        completion.finish(),
        prompts.text(completion, unit.sampling().stopStrings()),
        provenance);
  }

  @Override
  public void close() {
    engine.close();
  }
}
