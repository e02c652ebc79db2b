package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.record.StepMetrics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What {@code explain} says of a run that was really made. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExplainCommandTest {
  private static final String RECIPE =
      """
      name = small
      directory = "%s"
      threads = 1
      task { kind = sort-digits, digits = 3, held-out = 100 }
      reward = [
        { kind = digit-placement, weight = 1 }, { kind = length, weight = 0, unit = characters, min = 1, max = 9 }
      ]
      model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 32, context = 16 }
      tokenizer { kind = characters, alphabet = "0123456789>" }
      optimizer { learning-rate = 1e-2 }
      sampling { max-tokens = 4 }
      checkpoints { every = 1 }
      stages = [
        { name = sft, kind = sft, from = model, steps = 1, batch = 4 }
        { name = dpo, kind = dpo, from = model, steps = 2, prompts = 2, group-size = 4, beta = 0.5
          preference = [ { kind = digit-placement, weight = 1 } ] }
        { name = grpo, kind = grpo, from = model, steps = 2, prompts = 2, group-size = 4
          mini-batches = 2, reference = model, kl.coefficient = 0.01
          shaping { kind = rto, model = dpo } }
      ]
      """;

  private static final double BETA = 0.5;

  private final ObjectMapper json = new ObjectMapper();
  private final CommandLineRuns line = new CommandLineRuns();
  private Path run;

  @BeforeAll
  void makeARun(@TempDir Path folder) throws Exception {
    run = folder.resolve("run");
    Path recipe = Files.writeString(folder.resolve("small.conf"), RECIPE.formatted(run));
    line.succeed("run", recipe, "--quiet");
  }

  @Test
  void leadsFromAStepToItsTokensWeightsAndRewards() throws Exception {
    JsonNode step = json.readTree(line.succeed("explain", run, "2", "--json"));

    assertEquals("grpo", step.get("stage").asText(), "the last stage that has such a step");
    assertEquals(8, step.get("rollouts").size());
    double sum = 0;
    for (JsonNode rollout : step.get("rollouts")) {
      sum += rollout.get("reward").asDouble();
      assertEquals(64, rollout.at("/models/policy").asText().length());
      assertEquals(64, rollout.at("/models/shaping").asText().length());
      assertEquals(64, rollout.get("template").asText().length());
      assertEquals("digit-placement", rollout.at("/rewards/0/name").asText());
      assertTrue(rollout.at("/rewards/0/version").asText().startsWith("DigitPlacement@"));
      assertEquals("length", rollout.at("/rewards/1/name").asText());
      double earned = 0;
      var text = new StringBuilder();
      for (JsonNode token : rollout.get("tokens")) {
        earned += token.get("reward").asDouble();
        text.append(token.get("text").asText());
        // Sampler and learner agree but for rounding: the first mini-batch has the same weights.
        assertTrue(token.has("policy_logp") && token.has("reference_logp"), token::toString);
        assertTrue(token.has("advantage") && token.has("trained"), token::toString);
      }
      assertEquals(rollout.get("text").asText(), text.toString());
      assertTrue(Double.isFinite(earned));
    }
    StepMetrics recorded = last("grpo");
    assertEquals(recorded.values().get("reward/mean"), sum / 8, 1e-9);
  }

  private StepMetrics last(String stage) {
    return MetricsLog.read(run.resolve("metrics.jsonl")).stream()
        .filter(step -> step.stage().equals(stage))
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  @Test
  void theFirstMiniBatchIsReadWithTheWeightsThatSampledIt() throws Exception {
    JsonNode step = json.readTree(line.succeed("explain", run, "1", "--stage", "grpo", "--json"));

    double largest =
        StreamSupport.stream(step.get("rollouts").spliterator(), false)
            .limit(4)
            .flatMap(it -> StreamSupport.stream(it.get("tokens").spliterator(), false))
            .mapToDouble(
                token ->
                    Math.abs(
                        token.get("policy_logp").asDouble()
                            - token.get("behaviour_logp").asDouble()))
            .max()
            .orElseThrow();

    assertTrue(largest < 1e-4, "log-ratio " + largest);
  }

  @Test
  void aPairIsToldWithItsImplicitRewardsAndThePullOfItsTokens() throws Exception {
    JsonNode step = json.readTree(line.succeed("explain", run, "2", "--stage", "dpo", "--json"));

    assertEquals(8, step.get("recorded_rollouts").asInt());
    List<JsonNode> trained =
        StreamSupport.stream(step.get("rollouts").spliterator(), false)
            .filter(it -> it.has("part"))
            .toList();
    int pairs = trained.size() / 2;
    assertTrue(pairs > 0, "no pair of two prompts");
    for (JsonNode chosen : trained) {
      if (chosen.get("part").asText().equals("chosen")) {
        JsonNode rejected =
            trained.stream()
                .filter(it -> it.get("part").asText().equals("rejected"))
                .filter(it -> it.get("ticket").equals(chosen.get("ticket")))
                .findFirst()
                .orElseThrow();
        double better = implicitReward(chosen);
        double worse = implicitReward(rejected);
        assertEquals(better, chosen.get("amount").asDouble(), 1e-5);
        assertEquals(worse, rejected.get("amount").asDouble(), 1e-5);
        // Rafailov et al. 2023, section 4: beta * sigmoid(worse - better), over the pairs.
        double pull = BETA / (1 + Math.exp(better - worse)) / pairs;
        chosen.get("tokens").forEach(it -> assertEquals(pull, it.get("pull").asDouble(), 1e-5));
        rejected.get("tokens").forEach(it -> assertEquals(-pull, it.get("pull").asDouble(), 1e-5));
      }
    }
    step.get("rollouts")
        .forEach(it -> assertEquals(it.has("part") ? 1 : 0, it.get("uses").asInt()));
  }

  private static double implicitReward(JsonNode rollout) {
    double sum = 0;
    for (JsonNode token : rollout.get("tokens")) {
      sum += token.get("policy_logp").asDouble() - token.get("reference_logp").asDouble();
    }
    return BETA * sum;
  }

  @Test
  void saysInWordsWhatAPairWasTrainedWith() {
    String said = line.succeed("explain", run, "2", "--stage", "dpo");

    assertTrue(said.contains("      chosen; implicit reward "), said);
    assertTrue(said.contains(" a token\n"), said);
    assertTrue(said.contains("left out of the step"), said);
  }

  @Test
  void tellsAStepInWords() {
    String said = line.succeed("explain", run, "2");

    assertTrue(said.startsWith("grpo step 2: 8 completions of 2 prompts"), said);
    assertTrue(said.contains("1 x digit-placement  DigitPlacement@"), said);
    assertTrue(said.contains("--ticket grpo/2 shows every token"), said);
  }

  @Test
  void tellsATicketTokenByToken() {
    String said = line.succeed("explain", run, "2", "--ticket", "grpo/3");

    assertTrue(said.contains("grpo/3  example"), said);
    assertTrue(!said.contains("grpo/2  example"), said);
    assertTrue(said.contains("advantage\n"), said);
  }

  @Test
  void whatIsNotThereIsASentence() {
    assertTrue(
        line.refuse("explain", run, "3")
            .contains("Step 3 is not recorded; there are dpo 1 to 2, grpo 1 to 2"));
    assertTrue(line.refuse("explain", run, "1", "--ticket", "grpo/77").contains("grpo/77"));
    assertTrue(
        line.refuse("explain", run, "1", "--stage", "sft")
            .contains("Stage sft of kind sft samples nothing: it learns from the answers"));
    assertTrue(
        line.refuse("explain", run, "1", "--stage", "gpro")
            .contains("The run has no stage gpro; it has sft, dpo, grpo."));
    assertTrue(line.refuse("explain", run.getParent(), "1").contains("is not a run directory"));
  }
}
