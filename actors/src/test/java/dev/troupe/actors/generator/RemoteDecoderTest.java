package dev.troupe.actors.generator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.run.SmallRuns;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.actors.stage.Sequences;
import dev.troupe.actors.weights.InProcessExchange;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.LoraSettings;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.remote.RemoteException;
import dev.troupe.runtime.settings.GenerationSettings;
import dev.troupe.runtime.settings.Pacing;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.ScoringEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteDecoderTest {
  private static final Tokenizer TOKENIZER = new CharacterTokenizer("0123456789>");
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
          32,
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

  /** Decoding one by one against reading all at once: a few units of 2^-24. */
  private static final float ROUNDING = 1e-5f;

  @TempDir private Path directory;
  private final Accelerator accelerator = Accelerator.of("cpu", 1);
  private final InProcessExchange exchange = new InProcessExchange();
  private StubServer server;

  @BeforeEach
  void start() throws Exception {
    Path model = directory.resolve("base");
    try (DecoderWeights weights = DecoderWeights.random(accelerator, CONFIG, 5)) {
      HuggingFaceDirectory.save(model, CONFIG, weights.toHost(), null);
    }
    server = new StubServer(model);
  }

  @AfterEach
  void stop() {
    server.close();
    exchange.close();
    accelerator.close();
  }

  private RemoteDecoder decoder(String backend, String... more) {
    RunSettings settings =
        SmallRuns.settings(
            directory.resolve("run"),
            "{ name = sft, kind = sft, from = model, steps = 1, batch = 1 }",
            Stream.concat(
                    Stream.of(
                        "generation.backend=" + backend,
                        "generation.url=\"" + server.url() + "\"",
                        "generation.share=\"" + directory.resolve("share") + "\"",
                        "generation.tolerance=1e-4",
                        "generation.attempts=2",
                        "generation.backoff=1ms"),
                    Stream.of(more))
                .toArray(String[]::new));
    GenerationSettings generation = settings.generation().orElseThrow();
    return new RemoteDecoder(
        generation, exchange, new PromptTokens(TOKENIZER, CONFIG), RemoteDecoderTest::example);
  }

  private static Example example(Ticket ticket) {
    return new Example("e" + ticket.example(), ticket.example() + "3>", null, Map.of());
  }

  private PolicyVersion publish(long number, DecoderWeights weights) {
    var version = new PolicyVersion(0, number, weights.digest());
    exchange.publish(version, weights, WeightPrecision.FULL);
    return version;
  }

  private static WorkUnit unit(PolicyVersion version, Sampling sampling) {
    var tickets =
        Stream.of(0, 1)
            .map(
                i ->
                    new Ticket(
                        new TicketId("grpo", i),
                        Purpose.TRAINING,
                        0,
                        i,
                        3,
                        7,
                        version,
                        ScoringModels.NONE))
            .toList();
    return new WorkUnit(new UnitId("grpo", 0, 0), sampling, tickets);
  }

  private static Sampling plain() {
    return Sampling.plain(6, List.of(2));
  }

  private void assertSampledBy(DecoderWeights weights, List<Group> groups) {
    try (var scoring = new ScoringEngine(weights, NumericType.FP32, 512)) {
      List<List<float[]>> logps = Sequences.byGroup(scoring.logps(Sequences.of(groups), 1), groups);
      for (int g = 0; g < groups.size(); g++) {
        for (int row = 0; row < 3; row++) {
          assertArrayEquals(
              logps.get(g).get(row), groups.get(g).rollouts().get(row).logps(), ROUNDING);
        }
      }
    }
  }

  @Test
  void aServerGoesOnUnderTheVersionThatItBeganAUnitWith() throws Exception {
    try (RemoteDecoder decoder = decoder("sglang")) {
      PolicyVersion begun = publish(0, DecoderWeights.random(accelerator, CONFIG, 20));
      PolicyVersion newer = publish(1, DecoderWeights.random(accelerator, CONFIG, 21));
      decoder.adopt(begun);
      WorkUnit plain = unit(begun, plain());
      var unit = new WorkUnit(plain.id(), plain.sampling(), Pacing.NEWEST, plain.tickets());

      List<Group> groups = decoder.decode(unit, "generator-1", () -> Optional.of(newer));

      assertEquals(begun, decoder.held());
      assertEquals(List.of(begun), groups.get(0).rollouts().get(0).provenance().versions());
    }
  }

  @Test
  void sglangTakesUpEachVersionFromItsCheckpointAndSamplesWithIt() throws Exception {
    try (RemoteDecoder decoder = decoder("sglang")) {
      for (long number = 0; number < 2; number++) {
        DecoderWeights weights = DecoderWeights.random(accelerator, CONFIG, 20 + number);
        PolicyVersion version = publish(number, weights);

        assertEquals(version.digest(), decoder.adopt(version));
        List<Group> groups = decoder.decode(unit(version, plain()), "generator-1", Optional::empty);

        assertSampledBy(weights, groups);
        // The same tickets again, perhaps after a crash, give the same completions.
        List<Group> again = decoder.decode(unit(version, plain()), "generator-2", Optional::empty);
        assertArrayEquals(
            groups.get(1).rollouts().get(2).tokens(), again.get(1).rollouts().get(2).tokens());
      }
      try (Stream<Path> kept = Files.list(directory.resolve("share"))) {
        assertEquals(1, kept.count()); // The version before is not needed any more.
      }
    }
  }

  @Test
  void vllmTakesUpAdaptersAndIsAskedByTheirName() throws Exception {
    var lora = new LoraSettings(2, 8, EnumSet.allOf(LoraSettings.Target.class));
    try (RemoteDecoder decoder = decoder("vllm");
        DecoderWeights base = DecoderWeights.random(accelerator, CONFIG, 5)) {
      DecoderWeights adapted = base.withAdapters(lora, 3);
      PolicyVersion version = publish(1, adapted);

      assertEquals(version.digest(), decoder.adopt(version));
      List<Group> groups = decoder.decode(unit(version, plain()), "generator-1", Optional::empty);

      try (DecoderWeights merged = adapted.merged()) {
        assertSampledBy(merged, groups);
      }
      assertTrue(server.calls().contains("/v1/load_lora_adapter"));
      assertFalse(server.calls().contains("/update_weights_from_disk"));
    }
  }

  @Test
  void vllmCannotTakeUpWeightsWithoutAdapters() {
    try (RemoteDecoder decoder = decoder("vllm")) {
      PolicyVersion version = publish(1, DecoderWeights.random(accelerator, CONFIG, 9));

      RunException refused = assertThrows(RunException.class, () -> decoder.adopt(version));
      assertTrue(refused.getMessage().contains("as adapters only"), refused.getMessage());
    }
  }

  @Test
  void aServerThatSaysSoButComputesWithOtherWeightsGetsNoWork() {
    try (RemoteDecoder decoder = decoder("sglang")) {
      PolicyVersion version = publish(1, DecoderWeights.random(accelerator, CONFIG, 9));
      server.behave(StubServer.Manner.DEAF);

      RemoteException refused = assertThrows(RemoteException.class, () -> decoder.adopt(version));
      assertTrue(
          refused.getMessage().contains("its log-probabilities differ from the learner's by"),
          refused.getMessage());
      assertThrows(
          IllegalStateException.class,
          () -> decoder.decode(unit(version, plain()), "generator-1", Optional::empty));
      server.behave(StubServer.Manner.HONEST);
      assertEquals(version.digest(), decoder.adopt(version)); // Another attempt may help.
    }
  }

  @Test
  void aServerThatRefusesOrIsGoneIsAFailureWithItsReason() {
    try (RemoteDecoder decoder = decoder("sglang")) {
      PolicyVersion version = publish(1, DecoderWeights.random(accelerator, CONFIG, 9));
      server.behave(StubServer.Manner.UNWILLING);
      RemoteException refused = assertThrows(RemoteException.class, () -> decoder.adopt(version));
      assertTrue(refused.getMessage().contains("no room"), refused.getMessage());
      assertFalse(refused.isLasting());
    }
  }

  @Test
  void aVersionThatSomebodyElseLoadedIsNoticedBeforeTheNextUnit() throws Exception {
    try (RemoteDecoder decoder = decoder("sglang")) {
      PolicyVersion version = publish(1, DecoderWeights.random(accelerator, CONFIG, 9));
      decoder.adopt(version);
      try (RemoteDecoder other = decoder("sglang")) {
        other.adopt(publish(2, DecoderWeights.random(accelerator, CONFIG, 10)));

        RemoteException refused =
            assertThrows(
                RemoteException.class,
                () -> decoder.decode(unit(version, plain()), "generator-1", Optional::empty));
        assertTrue(refused.getMessage().contains("does not hold troupe-1-"), refused.getMessage());
      }
    }
  }

  @Test
  void trainingOnWhatIsNotPlainlySampledIsRefused() {
    var truncated = new Sampling(1, 5, 1, 0, 1, 6, List.of(2), List.of());
    try (RemoteDecoder decoder = decoder("sglang")) {
      PolicyVersion version = publish(1, DecoderWeights.random(accelerator, CONFIG, 9));
      decoder.adopt(version);

      RunException refused =
          assertThrows(
              RunException.class,
              () -> decoder.decode(unit(version, truncated), "generator-1", Optional::empty));
      assertTrue(refused.getMessage().contains("plain sampling"), refused.getMessage());
    }
  }

  /** What goes wrong with an answer, for both servers, and what the failure says of it. */
  @ParameterizedTest
  @CsvSource({
    "sglang, SILENT, no answer within",
    "sglang, GARBLED, JSON",
    "sglang, BARE, meta_info.output_token_logprobs",
    "sglang, FOREIGN, serves another model",
    "sglang, ABORTING, ended a completion by \"abort\"",
    "vllm, SILENT, no answer within",
    "vllm, GARBLED, JSON",
    "vllm, BARE, return_token_ids",
    "vllm, FOREIGN, serves another model"
  })
  void anAnswerThatIsNoneFailsTheUnitWithItsReasonAndMayBeAskedForAgain(
      String backend, StubServer.Manner manner, String says) throws Exception {
    try (RemoteDecoder decoder =
        decoder(backend, "generation.deadline=2s", "generation.breaker.failures=1000")) {
      PolicyVersion version = publish(1, weights(backend));
      decoder.adopt(version);
      server.behave(manner);

      RemoteException failed =
          assertThrows(
              RemoteException.class,
              () -> decoder.decode(unit(version, plain()), "generator-1", Optional::empty));

      assertTrue(failed.getMessage().contains(says), failed.getMessage());
      assertFalse(failed.isLasting());
      server.behave(StubServer.Manner.HONEST);
      assertEquals(
          2, decoder.decode(unit(version, plain()), "generator-1", Optional::empty).size());
    }
  }

  private DecoderWeights weights(String backend) {
    DecoderWeights base = DecoderWeights.random(accelerator, CONFIG, 5);
    if (backend.equals("sglang")) {
      return base;
    }
    try (base) {
      return base.withAdapters(new LoraSettings(2, 8, EnumSet.allOf(LoraSettings.Target.class)), 3);
    }
  }

  @Test
  void aBusyServerIsAskedAgainAndGivesTheSameCompletions() throws Exception {
    try (RemoteDecoder decoder = decoder("sglang")) {
      PolicyVersion version = publish(1, weights("sglang"));
      decoder.adopt(version);
      List<Group> first = decoder.decode(unit(version, plain()), "generator-1", Optional::empty);
      server.behave(StubServer.Manner.BUSY);

      List<Group> second = decoder.decode(unit(version, plain()), "generator-1", Optional::empty);

      for (int row = 0; row < 3; row++) {
        assertArrayEquals(
            first.get(0).rollouts().get(row).tokens(), second.get(0).rollouts().get(row).tokens());
      }
    }
  }

  @Test
  void anAdapterThatAnEarlierStartLeftBehindIsLoadedAnew() throws Exception {
    PolicyVersion version = publish(1, weights("vllm"));
    RemoteDecoder killed = decoder("vllm");
    killed.adopt(version); // and never closed, as after kill -9

    try (RemoteDecoder decoder = decoder("vllm")) {
      assertEquals(version.digest(), decoder.adopt(version));
      assertEquals(
          2, decoder.decode(unit(version, plain()), "generator-1", Optional::empty).size());
    }
    assertTrue(server.calls().contains("/v1/unload_lora_adapter"));
    killed.close();
  }

  @Test
  void theNextAdapterTakesThePlaceOfTheLast() throws Exception {
    try (RemoteDecoder decoder = decoder("vllm")) {
      PolicyVersion first = publish(1, weights("vllm"));
      decoder.adopt(first);
      try (DecoderWeights base = DecoderWeights.random(accelerator, CONFIG, 5)) {
        var lora = new LoraSettings(2, 8, EnumSet.allOf(LoraSettings.Target.class));
        DecoderWeights other = base.withAdapters(lora, 77);
        PolicyVersion second = publish(2, other);
        decoder.adopt(second);

        List<Group> groups = decoder.decode(unit(second, plain()), "generator-1", Optional::empty);

        try (DecoderWeights merged = other.merged()) {
          assertSampledBy(merged, groups);
        }
      }
      assertEquals(
          "troupe-1-" + first.digest().substring(0, 16),
          server.newest("/v1/unload_lora_adapter").path("lora_name").asText());
    }
  }

  /** The fields of {@code /v1/completions} and of vLLM's own, as its documentation lists them. */
  @Test
  void vllmIsAskedForIdsLogProbabilitiesAndPlainSampling() throws Exception {
    try (RemoteDecoder decoder = decoder("vllm")) {
      PolicyVersion version = publish(1, weights("vllm"));
      decoder.adopt(version);
      decoder.decode(unit(version, plain()), "generator-1", Optional::empty);

      JsonNode asked = server.newest("/v1/completions");
      assertEquals("troupe-1-" + version.digest().substring(0, 16), asked.path("model").asText());
      assertTrue(asked.path("prompt").isArray() && asked.path("prompt").get(0).isInt());
      assertEquals(1, asked.path("n").asInt());
      assertEquals(6, asked.path("max_tokens").asInt());
      assertTrue(asked.path("seed").isInt() && asked.path("seed").asInt() >= 0);
      assertEquals(1, asked.path("logprobs").asInt());
      assertTrue(asked.path("return_token_ids").asBoolean());
      assertEquals(1, asked.path("temperature").asDouble());
      assertEquals(-1, asked.path("top_k").asInt());
      assertEquals(1, asked.path("top_p").asDouble());
      assertEquals(2, asked.path("stop_token_ids").get(0).asInt());
      assertFalse(asked.path("skip_special_tokens").asBoolean(true));
      assertEquals(
          directory.resolve("share").resolve(asked.path("model").asText()).toString(),
          server.newest("/v1/load_lora_adapter").path("lora_path").asText());
    }
  }

  /** The fields of SGLang's {@code /generate} and {@code /update_weights_from_disk}. */
  @Test
  void sglangIsAskedForIdsLogProbabilitiesAndPlainSampling() throws Exception {
    try (RemoteDecoder decoder = decoder("sglang")) {
      PolicyVersion version = publish(1, weights("sglang"));
      decoder.adopt(version);
      decoder.decode(unit(version, plain()), "generator-1", Optional::empty);

      JsonNode asked = server.newest("/generate");
      assertTrue(asked.path("input_ids").isArray() && asked.path("input_ids").get(0).isInt());
      assertTrue(asked.path("return_logprob").asBoolean());
      JsonNode how = asked.path("sampling_params");
      assertEquals(1, how.path("n").asInt());
      assertEquals(6, how.path("max_new_tokens").asInt());
      assertTrue(how.path("sampling_seed").isInt());
      assertEquals(1, how.path("temperature").asDouble());
      assertEquals(-1, how.path("top_k").asInt());
      assertEquals(2, how.path("stop_token_ids").get(0).asInt());
      JsonNode told = server.newest("/update_weights_from_disk");
      assertTrue(told.path("model_path").asText().contains("/share/troupe-1-"), told.toString());
      assertTrue(told.path("flush_cache").asBoolean());
    }
  }
}
