package dev.troupe.actors.generator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Given;
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
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.environment.Environment;
import dev.troupe.runtime.environment.EnvironmentCatalog;
import dev.troupe.runtime.environment.Episodes;
import dev.troupe.runtime.environment.World;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.generation.Stretch;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.ScoringEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class EpisodePlayTest {
  private static final Tokenizer TOKENIZER = new CharacterTokenizer("0123456789-:<>?");
  private static final DecoderConfig CONFIG =
      new DecoderConfig(
          "llama",
          TOKENIZER.vocabSize(),
          8,
          1,
          2,
          2,
          4,
          16,
          24,
          1e-5,
          10_000,
          false,
          false,
          false,
          false,
          false,
          0,
          0,
          List.of(2),
          2,
          DecoderTraits.PLAIN);
  private static final Provenance PROVENANCE =
      new Provenance("generator-1", null, Samples.version(0));

  /** Decoding one by one against reading all at once: a few units of 2^-24. */
  private static final float ROUNDING = 1e-5f;

  private static Example example(Ticket ticket) {
    int low = 10 + ticket.example();
    return new Example(
        "range" + low,
        low + "-" + (low + 4) + ":",
        null,
        Map.of("low", "" + low, "high", "" + (low + 4)));
  }

  private static WorkUnit unit(int tickets, int samples, int maxTokens) {
    var list = new ArrayList<Ticket>();
    for (int i = 0; i < tickets; i++) {
      list.add(
          new Ticket(
              new TicketId("grpo", i),
              Purpose.TRAINING,
              0,
              i,
              samples,
              7,
              Samples.version(0),
              ScoringModels.NONE));
    }
    return new WorkUnit(
        new UnitId("grpo", 0, 0), Sampling.plain(maxTokens, List.of(TOKENIZER.eosToken())), list);
  }

  private static List<Group> play(Episodes episodes, Completer completer, WorkUnit unit) {
    var prompts = new PromptTokens(TOKENIZER, CONFIG, Optional.of(episodes));
    return new EpisodePlay(prompts, episodes, completer, unit)
        .play(EpisodePlayTest::example, PROVENANCE);
  }

  private static Episodes game() {
    return new Episodes(
        EnvironmentCatalog.standard()
            .create(ConfigFactory.parseString("kind = guess-number, max-turns = 3")));
  }

  private static Episodes of(Supplier<Environment> environments, int maxTurns) {
    return new Episodes(
        new World("test", maxTurns, Duration.ofSeconds(50), "user", 2, environments));
  }

  /** Says the next of these texts in each turn, and ends it. */
  private static Completer saying(List<GenerationRequest> asked, String... turns) {
    return (requests, sampling, seed) -> {
      asked.addAll(requests);
      var completions = new ArrayList<List<Completion>>();
      for (GenerationRequest request : requests) {
        var own = new ArrayList<Completion>();
        for (int i = 0; i < request.samples(); i++) {
          int[] text = TOKENIZER.encode(turns[request.drawn() / 3]);
          int[] tokens = Arrays.copyOf(text, text.length + 1);
          tokens[text.length] = TOKENIZER.eosToken();
          float[] logps = new float[tokens.length];
          Arrays.fill(logps, -1);
          own.add(
              new Completion(
                  request.firstSample() + i,
                  tokens,
                  logps,
                  FinishReason.STOP_TOKEN,
                  List.of(new Stretch(0, 1))));
        }
        completions.add(own);
      }
      return completions;
    };
  }

  @Test
  void aConversationGrowsByWhatWasSampledAndWhatWasHeard() {
    var asked = new ArrayList<GenerationRequest>();
    try (Episodes episodes = of(Ladder::new, 3)) {
      Rollout rollout =
          play(episodes, saying(asked, "11", "12", "13"), unit(1, 1, 4)).get(0).rollouts().get(0);

      int[] first = TOKENIZER.encode("10-14:", true);
      int[] second = joined(first, TOKENIZER.encode("11</s>>"));
      int[] third = joined(second, TOKENIZER.encode("12</s>>"));
      assertArrayEquals(first, asked.get(0).promptTokens());
      assertArrayEquals(second, asked.get(1).promptTokens());
      assertArrayEquals(third, asked.get(2).promptTokens());
      assertArrayEquals(TOKENIZER.encode("11</s>12</s>13</s>"), rollout.tokens());
      assertEquals(List.of(3, 6), rollout.interplay().given().stream().map(Given::at).toList());
      // Random numbers go on where those of the turn before ended.
      assertEquals(List.of(0, 3, 6), asked.stream().map(GenerationRequest::drawn).toList());
      assertEquals(3, rollout.interplay().turns());
      assertEquals("13", rollout.text());
      assertEquals("11\n[>]\n12\n[>]\n13", rollout.shown());
      // The row that is trained on is the text that the policy saw and wrote.
      Group group = new Group(unit(1, 1, 4).tickets().get(0), first, List.of(rollout));
      assertArrayEquals(
          joined(third, TOKENIZER.encode("13</s>")), Sequences.of(group, rollout).tokens());
    }
  }

  /** Says that it is more, and gives a point for each turn. */
  private static final class Ladder implements Environment {
    @Override
    public void reset(Example example, long seed) {}

    @Override
    public Step step(String action) {
      return new Step(">", 1, action.equals("13"));
    }
  }

  @Test
  void anEpisodeEarnsTheSumOfItsTurns() {
    try (Episodes episodes = of(Ladder::new, 5)) {
      Rollout rollout =
          play(episodes, saying(new ArrayList<>(), "11", "12", "13"), unit(1, 1, 4))
              .get(0)
              .rollouts()
              .get(0);

      assertEquals(Optional.of(new Outcome.Scored(3, Map.of())), rollout.interplay().outcome());
      assertEquals(3, rollout.attempt().earned().orElseThrow());
    }
  }

  @Test
  void aFailureOfTheEnvironmentIsTheFailureOfItsRolloutAlone() {
    Supplier<Environment> environments =
        () ->
            new Environment() {
              private boolean isBroken;

              @Override
              public void reset(Example example, long seed) {
                isBroken = example.id().equals("range10");
                if (example.id().equals("range11")) {
                  throw new IllegalStateException("no room");
                }
              }

              @Override
              public Step step(String action) {
                if (isBroken) {
                  throw new IllegalStateException("it broke");
                }
                return Step.done(1);
              }
            };
    try (Episodes episodes = of(environments, 3)) {
      List<Group> groups = play(episodes, saying(new ArrayList<>(), "11"), unit(3, 2, 4));

      assertFailed(
          "range10: environment test failed: java.lang.IllegalStateException: it broke",
          groups.get(0));
      assertFailed(
          "range11: environment test failed: java.lang.IllegalStateException: no room",
          groups.get(1));
      assertEquals(0, groups.get(1).rollouts().get(0).length()); // it never spoke
      for (Rollout rollout : groups.get(2).rollouts()) {
        assertInstanceOf(Outcome.Scored.class, rollout.interplay().outcome().orElseThrow());
      }
    }
  }

  private static void assertFailed(String reason, Group group) {
    for (Rollout rollout : group.rollouts()) {
      var failed =
          assertInstanceOf(Outcome.Failed.class, rollout.interplay().outcome().orElseThrow());
      assertEquals("example " + reason, failed.reason());
    }
  }

  @Test
  void anEpisodeEndsWhereTheContextDoes() {
    // 6 of the prompt with <s> is 7; a turn of 3 and an answer of 1 are 4: 7 + 4 * 4 = 23 < 24.
    try (Episodes episodes = of(Ladder::new, 100)) {
      Completer turns = saying(new ArrayList<>(), "11", "11", "11", "11", "11", "11");
      Rollout rollout = play(episodes, turns, unit(1, 1, 4)).get(0).rollouts().get(0);

      assertEquals(FinishReason.LENGTH, rollout.finish());
      assertEquals(5, rollout.interplay().turns());
      assertEquals(4, rollout.interplay().given().size()); // what nobody answers is not given
    }
  }

  @Test
  void anEpisodeIsTheSameAloneAndAmongOthersAndItsNumbersAreThoseOfTheWholeText() {
    try (Accelerator accelerator = Accelerator.of("cpu", 1);
        DecoderWeights weights = DecoderWeights.random(accelerator, CONFIG, 5);
        var engine = new GenerationEngine(accelerator, CONFIG, NumericType.FP32);
        var scoring = new ScoringEngine(weights, NumericType.FP32, 512);
        Episodes episodes = game()) {
      engine.adopt(weights);
      Completer completer =
          (requests, sampling, seed) -> engine.generate(requests, sampling, seed, TOKENIZER);
      WorkUnit unit = unit(4, 3, 4);
      List<Group> together = play(episodes, completer, unit);

      int later = 0;
      for (int i = 0; i < 4; i++) {
        var alone = new WorkUnit(unit.id(), unit.sampling(), List.of(unit.tickets().get(i)));
        Group group = play(episodes, completer, alone).get(0);
        for (int row = 0; row < 3; row++) {
          Rollout one = group.rollouts().get(row);
          Rollout other = together.get(i).rollouts().get(row);
          assertArrayEquals(one.tokens(), other.tokens());
          assertArrayEquals(one.logps(), other.logps());
          assertEquals(one.interplay().transcript(), other.interplay().transcript());
          later += one.interplay().given().size();
        }
        List<float[]> logps =
            Sequences.byGroup(scoring.logps(Sequences.of(List.of(group)), 1), List.of(group))
                .get(0);
        for (int row = 0; row < 3; row++) {
          assertArrayEquals(group.rollouts().get(row).logps(), logps.get(row), ROUNDING);
        }
      }
      assertTrue(later > 4, later + " answers were heard");
    }
  }

  private static int[] joined(int[] a, int[] b) {
    int[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }
}
