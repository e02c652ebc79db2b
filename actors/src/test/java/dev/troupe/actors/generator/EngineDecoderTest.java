package dev.troupe.actors.generator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.actors.stage.Sequences;
import dev.troupe.actors.weights.InProcessExchange;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.Pacing;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.ScoringEngine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EngineDecoderTest {
  private static final Tokenizer TOKENIZER = new CharacterTokenizer("0123456789>");
  private static final DecoderConfig CONFIG =
      DecoderConfig.llama(TOKENIZER.vocabSize(), 16, 1, 2, 2, 32, 64);

  /** Decoding one by one against reading all at once: a few units of 2^-24. */
  private static final float ROUNDING = 1e-5f;

  private static final int LENGTH = 48;

  private final Accelerator accelerator = Accelerator.of("cpu", 1);
  private final InProcessExchange exchange = new InProcessExchange();
  private final List<DecoderWeights> copies = new ArrayList<>();
  private final List<PolicyVersion> versions = new ArrayList<>();
  private EngineDecoder decoder;

  @BeforeEach
  void publishThreeVersions() {
    for (int number = 0; number < 3; number++) {
      DecoderWeights weights = DecoderWeights.random(accelerator, CONFIG, 20 + number);
      copies.add(weights.copy());
      var version = new PolicyVersion(0, number, weights.digest());
      exchange.publish(version, weights, WeightPrecision.FULL);
      versions.add(version);
    }
    decoder =
        new EngineDecoder(
            accelerator,
            NumericType.FP32,
            exchange,
            new PromptTokens(TOKENIZER, CONFIG),
            ticket -> new Example("e", ticket.example() + "3>", null, Map.of()));
    decoder.adopt(versions.get(0));
  }

  @AfterEach
  void stop() {
    decoder.close();
    copies.forEach(DecoderWeights::close);
    exchange.close();
    accelerator.close();
  }

  /** Two prompts of two completions each that never stop by themselves. */
  private WorkUnit unit() {
    List<Ticket> tickets =
        Stream.of(0, 1)
            .map(
                i ->
                    new Ticket(
                        new TicketId("grpo", i),
                        Purpose.TRAINING,
                        0,
                        i,
                        2,
                        7,
                        versions.get(0),
                        ScoringModels.NONE))
            .toList();
    return new WorkUnit(
        new UnitId("grpo", 0, 0), Sampling.plain(LENGTH, List.of()), Pacing.NEWEST, tickets);
  }

  /** Offers one thing after the other, a chunk of tokens each, and then the last for ever. */
  private static Supplier<Optional<PolicyVersion>> offers(PolicyVersion... offered) {
    var left = new ArrayDeque<>(Stream.of(offered).map(Optional::of).toList());
    return () -> left.size() > 1 ? left.remove() : left.element();
  }

  private static List<Rollout> rollouts(List<Group> groups) {
    return groups.stream().flatMap(group -> group.rollouts().stream()).toList();
  }

  /** What weights say of the completions of groups, in their order. */
  private List<float[]> logps(DecoderWeights weights, List<Group> groups) {
    try (var scoring = new ScoringEngine(weights, NumericType.FP32, 512)) {
      return scoring.logps(Sequences.of(groups), 1);
    }
  }

  @Test
  void everyTokenIsSampledByTheVersionThatIsRecordedForIt() {
    List<Group> groups =
        decoder.decode(unit(), "g", offers(versions.get(0), versions.get(1), versions.get(2)));

    assertEquals(versions.get(2), decoder.held());
    List<List<float[]>> said = copies.stream().map(weights -> logps(weights, groups)).toList();
    List<Rollout> rollouts = rollouts(groups);
    for (int i = 0; i < rollouts.size(); i++) {
      Rollout rollout = rollouts.get(i);
      Provenance provenance = rollout.provenance();
      assertEquals(versions, provenance.versions());
      int from = 0;
      for (int version = 0; version < 3; version++) {
        int to = from + provenance.tokens(version, rollout.length());
        assertEquals(LENGTH / 3, to - from, "it was asked before each chunk");
        assertArrayEquals(
            Arrays.copyOfRange(said.get(version).get(i), from, to),
            Arrays.copyOfRange(rollout.logps(), from, to),
            ROUNDING);
        float other = said.get((version + 1) % 3).get(i)[from];
        assertTrue(Math.abs(other - rollout.logps()[from]) > 10 * ROUNDING, "they are alike");
        from = to;
      }
      assertEquals(LENGTH, from);
    }
  }

  @Test
  void whatIsNotNewerOrCannotBeHadOrIsNotWhatItShouldBeIsLeftAlone() {
    var unknown = new PolicyVersion(0, 8, "8".repeat(64));
    var damaged = new PolicyVersion(0, 9, "9".repeat(64));
    exchange.publish(damaged, copies.get(2).copy(), WeightPrecision.FULL);

    List<Group> groups = decoder.decode(unit(), "g", offers(versions.get(0), unknown, damaged));

    assertEquals(versions.get(0), decoder.held());
    for (Rollout rollout : rollouts(groups)) {
      assertEquals(List.of(versions.get(0)), rollout.provenance().versions());
    }
    List<Group> undisturbed = decoder.decode(unit(), "g", Optional::empty);
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(
          rollouts(undisturbed).get(i).logps(), rollouts(groups).get(i).logps(), "to the bit");
    }
  }

  @Test
  void aUnitThatIsBegunUnderNewerWeightsIsRecordedAsTheirs() {
    List<Group> old = decoder.decode(unit(), "g", Optional::empty);
    decoder.adopt(versions.get(1));
    List<Group> groups = decoder.decode(unit(), "g", Optional::empty);

    for (Rollout rollout : rollouts(groups)) {
      assertEquals(List.of(versions.get(1)), rollout.provenance().versions());
    }
    assertNotEquals(
        Arrays.toString(rollouts(old).get(0).tokens()),
        Arrays.toString(rollouts(groups).get(0).tokens()));
  }
}
