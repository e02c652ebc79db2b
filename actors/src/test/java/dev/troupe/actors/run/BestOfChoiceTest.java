package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BestOfChoiceTest {
  private static final long SEED = 7;
  private static final double EXACT = 1e-12;
  private static final double FULL_MARK = 1;

  private static Outcome scored(double total, double proxy) {
    return new Outcome.Scored(total, Map.of("gold", total, "proxy", proxy));
  }

  private static SortedMap<Integer, ScoredGroup> groups() {
    var groups = new TreeMap<Integer, ScoredGroup>();
    // The proxy prefers the first, which is wrong.
    put(groups, 3, scored(0, 9), scored(1, 5), scored(1, 1), scored(0, 0));
    put(groups, 5, scored(1, 2), new Outcome.Failed("broken"), scored(0.5, 1));
    return groups;
  }

  private static void put(SortedMap<Integer, ScoredGroup> groups, int example, Outcome... all) {
    var ticket =
        new Ticket(
            new TicketId("evaluation", example),
            Purpose.EVALUATION,
            0,
            example,
            all.length,
            SEED,
            Samples.version(1),
            ScoringModels.NONE);
    groups.put(example, new ScoredGroup(Samples.group(ticket), List.of(all), null));
  }

  private static List<BestOfCompletions> measure(
      Quantity quantity, Optional<String> by, Integer... numbers) {
    var choice = new BestOfChoice(List.of(numbers), by);
    var wishes = new EvaluationWishes(choice, Optional.empty(), List.of(), 1, Optional.empty());
    return choice.measure(quantity, FULL_MARK, groups(), wishes.choice(Path.of("runs/none")));
  }

  @Test
  void aTrainedModelTellsItsOwnPriceWhereItsDistanceWasMeasured() {
    var best = new BestOfCompletions(4, 0.6363, List.of(1, 2), List.of(0.5, 1.0));
    // Completions of prompt 1 are 1 nat away, those of prompt 2 are 2: 1.5 in the mean.
    var distance = new ReferenceDistance("sft", List.of(0.9, 2.2), List.of(1.0, 2.0));
    EvaluationFile trained = file("rl", List.of(1.5, 1.0), List.of());
    var results =
        new HeldOutResults(
            List.of(
                file("sft", List.of(0.25, 0.5), List.of(best)),
                trained.with(
                    EvaluationDetails.NONE.with(Optional.of(distance), Optional.empty()),
                    List.of())),
            SEED);

    List<String> lines = results.evaluations().stream().map(BestOfChoiceTest::line).toList();
    assertTrue(lines.contains("KL to sft, after rl: 1.50"), lines.toString());
    assertEquals(
        List.of(
            "rl against the best of 4, best of 4 after sft, at most 0.64 nats away: 0.750",
            "rl against the best of 4, one completion after rl, 1.50 nats away: 1.25"),
        lines.subList(lines.size() - 2, lines.size()));
  }

  @Test
  void averagesOverAllChoicesAmongTheCompletions() {
    List<BestOfCompletions> best = measure(Quantity.ACCURACY, Optional.empty(), 1, 2, 4);
    assertEquals(List.of(0.5, 0.5), best.get(0).scores());
    // Of the 6 pairs of four completions only one has no right one.
    assertEquals(5.0 / 6, best.get(1).scores().get(0), EXACT);
    assertEquals(List.of(3, 5), best.get(1).examples());
    // The other prompt has two scored completions only.
    assertEquals(List.of(3), best.get(2).examples());
    assertEquals(1, best.get(2).scores().get(0), EXACT);
    assertEquals(Math.log(4) - 0.75, best.get(2).divergenceBound(), EXACT);
  }

  @Test
  void choosesByOneRewardAndMeasuresTheTotal() {
    BestOfCompletions best = measure(Quantity.MEAN_REWARD, Optional.of("proxy"), 2).get(0);
    // Pairs of prompt 3: with the first (3 of 6) the proxy takes it, 0; else the second (2), then
    // the third (1), both 1.
    assertEquals(0.5, best.scores().get(0), EXACT);
    assertEquals(1, best.scores().get(1), EXACT);
  }

  private static EvaluationFile file(
      String stage, List<Double> rewards, List<BestOfCompletions> bestOf) {
    return new EvaluationFile(
        stage,
        Quantity.MEAN_REWARD,
        List.of(1, 2),
        List.of(0.0, 0.0),
        rewards,
        4,
        0,
        List.of(),
        EvaluationDetails.NONE,
        bestOf);
  }

  @Test
  void theLastModelIsMeasuredAgainstEachBestOfTheFirst() {
    var bestOf = new ArrayList<BestOfCompletions>();
    bestOf.add(new BestOfCompletions(1, 0, List.of(1, 2), List.of(0.25, 0.5)));
    bestOf.add(new BestOfCompletions(4, 0.6, List.of(1, 2), List.of(0.5, 1.0)));
    var results =
        new HeldOutResults(
            List.of(
                file("sft", List.of(0.25, 0.5), bestOf), file("rl", List.of(1.5, 1.0), List.of())),
            SEED);

    assertEquals(
        List.of(
            "held-out prompts, after sft: 0.375",
            "held-out prompts, after rl: 1.25",
            "best of n after sft, one completion: 0.375",
            "best of n after sft, best of 4, at most 0.64 nats away: 0.750",
            "rl against the best of 4, best of 4 after sft: 0.750",
            "rl against the best of 4, one completion after rl: 1.25"),
        results.evaluations().stream().map(BestOfChoiceTest::line).toList());
    Map<String, Double> differences = new TreeMap<>();
    for (RunSummary.Comparison comparison : results.comparisons()) {
      differences.put(comparison.task(), comparison.difference().mean());
    }
    assertEquals(
        Map.of(
            "held-out prompts", 0.875,
            "best of n after sft", 0.375,
            "rl against the best of 4", 0.5),
        differences);
  }

  private static String line(Evaluation evaluation) {
    return "%s, %s: %s"
        .formatted(evaluation.task(), evaluation.moment(), evaluation.measure().valueText());
  }

  @Test
  void refusesARewardThatThereIsNot() {
    RunSettings settings =
        SmallRuns.settings(
            Path.of("runs/small"),
            SmallRuns.STAGES,
            "evaluate.temperature=1",
            "evaluate.samples=4",
            "evaluate.best-of=[4]",
            "evaluate.best-of-by=proxy");
    var panels = new RewardPanels(settings, RewardCatalog.standard(), ticket -> null);
    var refusal =
        assertThrows(RunException.class, () -> panels.wishes(settings.evaluate())).getMessage();
    assertTrue(
        refusal.startsWith(
            "evaluate.best-of-by = \"proxy\" names no reward of the run and no reward-model stage; choose one of"
                + " digit-placement"),
        refusal);
  }
}
