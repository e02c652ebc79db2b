package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.stage.Credit;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.rollout.RolloutRow;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RolloutRowsTest {
  private static final String ALPHABET = "0123456789>";
  private static final String RECIPE =
      """
      name = small
      task { kind = sort-digits, digits = 3, held-out = 10 }
      reward = [ { kind = exact-match, weight = 1 } ]
      model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 32, context = 16 }
      tokenizer { kind = characters, alphabet = "%s" }
      optimizer { learning-rate = 1e-2 }
      sampling { max-tokens = 5 }
      stages = [ { name = grpo, kind = grpo, from = model, steps = 1, prompts = 4, group-size = 2 } ]
      """
          .formatted(ALPHABET);

  private final RolloutRows rows =
      new RolloutRows(
          Recipe.parse(RECIPE, "small"),
          new CharacterTokenizer(ALPHABET),
          ticket -> new Example("example", "12>", null, Map.of()),
          ticket -> List.of(),
          "");

  /** One completion was scored, the other one could not be. */
  private static ScoredGroup group() {
    Ticket ticket = Samples.unit(Samples.referenced(0)).tickets().get(0);
    List<Outcome> outcomes = List.of(Samples.scored(1), new Outcome.Failed("no answer"));
    return new ScoredGroup(Samples.group(ticket), outcomes, Samples.reference(ticket));
  }

  @Test
  void everyTokenKeepsWhatWasSaidOfIt() {
    float[] policy = {-3, -4};
    float[] tokenRewards = {0, 0.5f};
    float[] advantages = {0.25f, -0.75f};

    List<RolloutRow> found =
        rows.trained(
            "grpo",
            3,
            List.of(group()),
            List.of(new Credit(0, 1, 2, 0.5, policy, null, tokenRewards, advantages, null)));

    RolloutRow.Credit left = found.get(0).credit(); // Of this one the step made nothing.
    assertEquals(0, left.uses());
    assertNull(left.advantages());
    RolloutRow.Credit told = found.get(1).credit();
    assertEquals(2, told.uses());
    assertArrayEquals(policy, told.policy());
    assertArrayEquals(new float[] {-2, -2}, told.reference());
    assertArrayEquals(tokenRewards, told.tokenRewards());
    assertArrayEquals(advantages, told.advantages());
  }

  @Test
  void aFailureIsNoRewardOfZero() {
    List<RolloutRow> found = rows.trained("grpo", 3, List.of(group()), List.of());

    assertEquals(1.0, found.get(0).judged().reward());
    assertNull(found.get(0).judged().failure());
    assertNull(found.get(1).judged().reward());
    assertEquals("no answer", found.get(1).judged().failure());
    assertNull(found.get(1).credit().uses()); // The method does not tell.
  }
}
