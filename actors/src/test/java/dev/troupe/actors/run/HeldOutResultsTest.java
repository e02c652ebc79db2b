package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.RecordException;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.statistics.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldOutResultsTest {
  private static final long SEED = 7;
  private static final double EXACT = 1e-12;
  private static final double FOUR_DECIMALS = 0.5e-4;

  private static GroupFacts group(int example, Double... rewards) {
    return new GroupFacts(
        new TicketId("s:evaluation", example),
        0,
        example,
        Purpose.EVALUATION,
        List.of(rewards),
        List.of(),
        0,
        0,
        0,
        0);
  }

  private static EvaluationFile file(String stage, Quantity quantity, GroupFacts... groups) {
    return EvaluationFile.of(stage, quantity, 1, List.of(groups), List.of());
  }

  private static HeldOutResults results(EvaluationFile... files) {
    return new HeldOutResults(List.of(files), SEED);
  }

  @Test
  void averagesTheCompletionsOfAPromptFirst() {
    EvaluationFile file =
        file(
            "grpo",
            Quantity.MEAN_REWARD,
            group(4, 0.5, Double.NaN, 1.0),
            group(5, Double.NaN, Double.NaN, Double.NaN),
            group(6, -1.0, 0.0, -0.5));
    assertEquals(List.of(4, 6), file.examples());
    assertEquals(List.of(0.75, -0.5), file.rewards());
    assertEquals(List.of(0.5, 0.0), file.correct()); // 1.0 of 0.5 and 1.0 has full marks
    assertEquals(5, file.trials());
    assertEquals(4, file.failures());
    Evaluation evaluation = results(file).evaluations().get(0);
    assertEquals("after grpo", evaluation.moment());
    // (0.75 - 0.5) / 2, not the mean 0 of the five completions
    assertEquals(0.125, evaluation.measure().value(), EXACT);
    assertEquals(2, evaluation.measure().prompts());
  }

  @Test
  void intervalsOfAnAccuracyCountPromptsAndNotCompletions() {
    List<GroupFacts> groups = new ArrayList<>();
    for (int prompt = 0; prompt < 16; prompt++) {
      Double reward = prompt % 2 == 0 ? 1.0 : 0.0;
      groups.add(group(prompt, reward, reward, reward, reward));
    }
    EvaluationFile file = EvaluationFile.of("model", Quantity.ACCURACY, 1, groups, List.of());
    Evaluation evaluation = results(file).evaluations().get(0);
    assertEquals("before training", evaluation.moment());
    // Wilson for 8 of 16 prompts; for 32 of 64 completions it would be 0.381 to 0.619.
    assertEquals(0.2800, evaluation.measure().interval95().low(), FOUR_DECIMALS);
    assertEquals(0.7200, evaluation.measure().interval95().high(), FOUR_DECIMALS);
  }

  @Test
  void comparesTheLastModelWithTheFirstOnCommonPromptsInRewardUnits() {
    RunSummary.Comparison comparison =
        results(
                file("a", Quantity.MEAN_REWARD, group(1, 0.25), group(2, 0.5), group(3, 9.0)),
                file("b", Quantity.MEAN_REWARD, group(1, -9.0), group(2, -9.0)),
                file("c", Quantity.MEAN_REWARD, group(2, 1.5), group(1, 0.75), group(4, 9.0)))
            .comparison()
            .orElseThrow();
    assertEquals(Quantity.MEAN_REWARD, comparison.quantity());
    assertEquals(0.75, comparison.difference().mean(), EXACT); // (0.5 + 1.0) / 2
    assertEquals(2, comparison.difference().pairs());
    // The resampled mean is 0.5, 0.75 or 1 with probability 1/4, 1/2, 1/4.
    assertEquals(0.5, comparison.difference().interval95().low(), EXACT);
    assertEquals(1.0, comparison.difference().interval95().high(), EXACT);
  }

  @Test
  void comparesAccuraciesByTheirShares() {
    RunSummary.Comparison comparison =
        results(
                file("a", Quantity.ACCURACY, group(1, 0.5, 1.0), group(2, 0.0, 0.5)),
                file("b", Quantity.ACCURACY, group(1, 1.0, 1.0), group(2, 1.0, 0.5)))
            .comparison()
            .orElseThrow();
    assertEquals(0.5, comparison.difference().mean(), EXACT); // 1/2 to 1 and 0 to 1/2
  }

  @Test
  void hasNothingToCompareInOneEvaluationOrWithoutCommonPrompts() {
    EvaluationFile one = file("a", Quantity.ACCURACY, group(1, 1.0));
    EvaluationFile failed = file("b", Quantity.ACCURACY, group(1, Double.NaN));
    EvaluationFile other = file("c", Quantity.ACCURACY, group(2, 1.0));
    assertEquals(Optional.empty(), results(one).comparison());
    assertEquals(Optional.empty(), results(one, failed).comparison());
    assertEquals(1, results(one, failed).evaluations().size());
    assertEquals(Optional.empty(), results(one, other).comparison());
  }

  @Test
  void readsBackWhatWasWritten(@TempDir Path directory) {
    EvaluationFile file = file("grpo", Quantity.MEAN_REWARD, group(4, 0.5, 1.0));
    file.write(directory);
    assertEquals(Optional.of(file), EvaluationFile.read(directory, "grpo"));
  }

  @Test
  void refusesAFileThatDoesNotSayWhatWasMeasured(@TempDir Path directory) throws IOException {
    EvaluationFile file = file("grpo", Quantity.ACCURACY, group(4, 0.5, 1.0));
    file.write(directory);
    Path path = EvaluationFile.at(directory, "grpo");
    Files.writeString(path, Files.readString(path).replaceAll("(?m)^ *\"measures\".*\\R", ""));
    var refusal = assertThrows(RecordException.class, () -> EvaluationFile.read(directory, "grpo"));
    assertTrue(refusal.getMessage().endsWith("remove it to measure again"), refusal.getMessage());
  }

  @Test
  void showsEveryObjectiveBesideTheNumber() {
    EvaluationFile before = file("a", Quantity.MEAN_REWARD, group(1, 0.5), group(2, 0.5));
    EvaluationFile after = file("b", Quantity.MEAN_REWARD, group(1, 0.5), group(2, 1.0));
    HeldOutResults results =
        results(
            before.with(objectives(List.of(0.0, 1.0), List.of(1.0, 0.0)), List.of()),
            after.with(objectives(List.of(1.0, 1.0), List.of(0.0, 0.0)), List.of()));

    assertEquals(
        List.of("held-out prompts", "held-out polite", "held-out safe"),
        results.evaluations().stream().map(Evaluation::task).distinct().toList());
    // Both have the mean reward that they had; one objective was bought with the other.
    assertEquals(0.5, results.comparisons().get(1).difference().mean(), EXACT);
    assertEquals(-0.5, results.comparisons().get(2).difference().mean(), EXACT);
  }

  private static EvaluationDetails objectives(List<Double> polite, List<Double> safe) {
    var components = new LinkedHashMap<String, List<Double>>();
    components.put("polite", polite);
    components.put("safe", safe);
    return new EvaluationDetails(components, List.of(), List.of(), null, null);
  }

  @Test
  void showsHowWellConfidencesAgreeWithWhatWasRight(@TempDir Path directory) {
    EvaluationFile file =
        file("a", Quantity.ACCURACY, group(1, 1.0), group(2, 0.0), group(3, 1.0))
            .with(
                new EvaluationDetails(
                    Map.of(), List.of(0.95, 0.95, 0.15), List.of(true, false, true), null, null),
                List.of());
    file.write(directory);
    assertEquals(Optional.of(file), EvaluationFile.read(directory, "a"));

    List<Evaluation> found = results(file).evaluations();

    assertEquals(4, found.size());
    // |1.9 - 1| / 3 in the bin above 0.9, |0.15 - 1| / 3 in that above 0.1.
    assertEquals((0.9 + 0.85) / 3, found.get(1).measure().value(), EXACT);
    // A tie and a loss: the right answers are 0.5 and 0 of one time above the wrong one.
    assertEquals(0.25, found.get(2).measure().value(), EXACT);
    assertEquals(
        (0.05 * 0.05 + 0.95 * 0.95 + 0.85 * 0.85) / 3, found.get(3).measure().value(), EXACT);
    for (Evaluation evaluation : found) {
      Interval interval = evaluation.measure().interval95();
      assertTrue(interval.low() <= evaluation.measure().value(), evaluation::toString);
      assertTrue(interval.high() >= evaluation.measure().value(), evaluation::toString);
    }
  }
}
