package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.settings.Recipe;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeasuringTest {
  private static Measuring measuring(String evaluate) {
    return new Measuring(
        Recipe.parse(
            """
            name = small
            task { kind = sort-digits, digits = 3, held-out = 10 }
            reward = [ { kind = exact-match, weight = 1 } ]
            model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 32, context = 16 }
            tokenizer { kind = characters, alphabet = "0123456789>" }
            optimizer { learning-rate = 1e-2 }
            sampling { max-tokens = 5 }
            stages = [
              { name = sft, kind = sft, from = model, steps = 1, batch = 8 }
              { name = rm, kind = reward-model, from = sft, steps = 1, prompts = 4, group-size = 4
                preference = [ { kind = exact-match, weight = 1 } ] }
              { name = rl, kind = grpo, from = sft, steps = 1, prompts = 4, group-size = 4 }
            ]
            evaluate { %s }
            """
                .formatted(evaluate),
            "small"));
  }

  @Test
  void aStageIsMeasuredWhenAllThatIsNeededIsDone() {
    Measuring measuring =
        measuring("stages = [model, sft, rl], temperature = 1, reward-model = rm");

    assertEquals(List.of("model", "sft"), measuring.recalledAfter("rm"));
    assertEquals("sft:recalled", measuring.moment("sft"));
    assertEquals("sft", Measuring.subject("sft:recalled"));
    assertEquals("rl", measuring.moment("rl"));
    assertFalse(measuring.isAccompanied("sft"));
    assertTrue(measuring.isAccompanied("sft:recalled"));
    assertTrue(measuring.isAccompanied("rl"));
  }

  @Test
  void withoutFrozenModelsEveryStageIsMeasuredAtItsEnd() {
    Measuring measuring = measuring("stages = [sft, rl]");

    for (String stage : List.of("model", "sft", "rm", "rl")) {
      assertEquals(List.of(), measuring.recalledAfter(stage));
      assertFalse(measuring.isAccompanied(stage));
    }
  }

  @Test
  void theFirstOfAContestIsTheReferenceOfTheOthers() {
    Measuring measuring =
        measuring("stages = [sft, rl], temperature = 1, samples = 4, best-of = [1, 4]");

    assertEquals(Optional.empty(), measuring.reference("sft"));
    assertEquals(Optional.of("sft"), measuring.reference("rl"));
    assertEquals(List.of(), measuring.recalledAfter("rl"));
  }
}
