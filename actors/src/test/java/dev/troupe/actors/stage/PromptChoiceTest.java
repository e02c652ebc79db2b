package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.PromptSelectionStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Experiment E3 of the specification with planted logs in place of a language model. */
class PromptChoiceTest {
  private static final int QUERIES = 300;
  private static final int TEMPLATES = 6;

  /** An answer turns out otherwise than planted with this probability. */
  private static final double NOISE = 0.05;

  private static PromptSelectionStage settings(int queries) {
    var templates = new ArrayList<String>();
    for (int p = 0; p < TEMPLATES; p++) {
      templates.add(p + "{prompt}");
    }
    return new PromptSelectionStage("p", "model", templates, queries, 0.5, 1, 0, 4, 64, 1e-3);
  }

  /** Queries of three digits; the first decides which templates help. */
  private static PromptTrials planted(boolean interacts, long seed) {
    var random = new Random(seed);
    var queries = new ArrayList<Example>();
    double[][] success = new double[QUERIES][TEMPLATES];
    for (int q = 0; q < QUERIES; q++) {
      String digits = "%03d".formatted(random.nextInt(1000));
      queries.add(new Example("q" + q, digits + ">", "x", Map.of()));
      int first = digits.charAt(0) - '0';
      for (int p = 0; p < TEMPLATES; p++) {
        boolean helps = interacts ? Math.floorMod(first - p, TEMPLATES) < 2 : first < p + 3;
        success[q][p] = helps != random.nextDouble() < NOISE ? 1 : 0;
      }
    }
    return new PromptTrials(queries, success, 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void anInteractionIsFoundAndUsed(long seed) {
    Map<String, Double> metrics =
        PromptChoice.measures(settings(QUERIES), planted(true, seed), seed);
    assertTrue(metrics.get("prompts/oracle") > metrics.get("prompts/selected"), metrics.toString());
    // One hint helps with a third of the prompts or, with its digits twice among ten, two fifths.
    assertTrue(metrics.get("prompts/selected") > 0.85, metrics.toString());
    assertTrue(metrics.get("prompts/best-fixed") < 0.6, metrics.toString());
    assertTrue(metrics.get("prompts/random") < 0.45, metrics.toString());
    assertTrue(metrics.get("prompts/gain-low") > 0.2, metrics.toString());
    assertTrue(metrics.get("prompts/additive") < 0.6, metrics.toString());
    assertTrue(metrics.get("prompts/auroc") > 0.85, metrics.toString());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void withoutAnInteractionChoosingGainsNothing(long seed) {
    Map<String, Double> metrics =
        PromptChoice.measures(settings(QUERIES), planted(false, seed), seed);
    assertTrue(metrics.get("prompts/gain-low") <= 0, metrics.toString());
    assertEquals(0, metrics.get("prompts/gain"), NOISE, metrics.toString());
    assertEquals(metrics.get("prompts/best-fixed"), metrics.get("prompts/additive"));
  }

  @Test
  void refusesToJudgeWithoutQueries() {
    PromptTrials one = planted(true, 1).only(List.of(0));
    var refusal =
        assertThrows(RunException.class, () -> PromptChoice.measures(settings(1), one, 1));
    assertTrue(refusal.getMessage().endsWith("; ask more queries."), refusal.getMessage());
  }
}
