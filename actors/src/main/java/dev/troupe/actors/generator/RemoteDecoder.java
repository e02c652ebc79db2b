package dev.troupe.actors.generator;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.environment.World;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.remote.RemoteException;
import dev.troupe.runtime.remote.RemoteSampler;
import dev.troupe.runtime.settings.GenerationSettings;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Has a server decode, with weights from the exchange that it has proved to hold. One version
 * decodes a whole unit; what is newer is for the next one.
 */
public final class RemoteDecoder implements Decoder {
  private final WeightsExchange exchange;
  private final PromptTokens prompts;
  private final Function<Ticket, Example> examples;
  private final RemoteSampler sampler;
  private PolicyVersion held;

  /**
   * @param settings of the server
   * @param exchange where versions are borrowed
   * @param prompts how examples become tokens
   * @param examples the example that a ticket is about
   */
  public RemoteDecoder(
      GenerationSettings settings,
      WeightsExchange exchange,
      PromptTokens prompts,
      Function<Ticket, Example> examples) {
    this.exchange = exchange;
    this.prompts = prompts;
    this.examples = examples;
    this.sampler = new RemoteSampler(settings, prompts.tokenizer(), prompts.config());
  }

  @Override
  public String adopt(PolicyVersion version) {
    try (WeightsExchange.Loan loan = exchange.borrow(version)) {
      if (loan.precision() != WeightPrecision.FULL) {
        throw new RunException(
            "A server generates with weights as they are; stages that generate with integers need generation.backend = local.");
      }
      String digest = loan.weights().digest();
      sampler.adopt(version.number(), loan.weights());
      held = new PolicyVersion(version.epoch(), version.number(), digest);
      return digest;
    } catch (RemoteException e) {
      throw e.isLasting() ? new RunException(e.getMessage(), e) : e;
    }
  }

  @Override
  public PolicyVersion held() {
    return held;
  }

  @Override
  public List<Group> decode(
      WorkUnit unit, String generator, Supplier<Optional<PolicyVersion>> newer) {
    requirePlain(unit);
    var provenance = new Provenance(generator, unit.id(), held);
    return prompts
        .episodes()
        .map(
            episodes -> {
              if (episodes.world().player() instanceof World.Agent) {
                throw new RunException(
                    "Agents talk to the generator's own engine; environment.kind = agent needs generation.backend = local.");
              }
              return new EpisodePlay(prompts, episodes, sampler::complete, unit)
                  .play(examples, provenance);
            })
        .orElseGet(
            () ->
                PlainAnswers.of(
                    prompts, sampler::complete, unit, examples, completion -> provenance));
  }

  /** Servers give log-probabilities before temperature and truncation, or nobody knows which. */
  private static void requirePlain(WorkUnit unit) {
    Sampling sampling = unit.sampling();
    boolean isPlain =
        sampling.temperature() == 1
            && sampling.topK() == 0
            && sampling.topP() == 1
            && sampling.minP() == 0
            && sampling.repetitionPenalty() == 1;
    if (unit.purpose() == Purpose.TRAINING && !isPlain) {
      throw new RunException(
          "A server's log-probabilities are those of plain sampling; training with generation.backend other than local needs temperature 1, no top-k, top-p, min-p and repetition penalty.");
    }
  }

  @Override
  public void close() {
    sampler.close();
  }
}
