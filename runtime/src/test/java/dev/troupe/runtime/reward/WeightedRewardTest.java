package dev.troupe.runtime.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.SettingsException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WeightedRewardTest {
  private static final String KINDS = String.join(", ", RewardCatalog.standard().kinds());
  private static final double TOLERANCE = 1e-12;
  private static final Example SORT = new Example("e1", "21>", "12", Map.of());

  @Test
  void addsWeightedScoresAndKeepsTheComponents() {
    WeightedReward reward =
        from(
            "{ kind = digit-placement, weight = 0.5, name = placed }",
            "{ kind = exact-match, weight = 2 }",
            "{ kind = word-list-sentiment, weight = -1, name = mood }");
    // placed 1 of 2, exact 0, mood 0: 0.5 * 0.5
    var scored = assertInstanceOf(Outcome.Scored.class, reward.judge(SORT, "11"));
    assertEquals(0.25, scored.total(), TOLERANCE);
    assertEquals(
        List.of("placed", "exact-match", "mood"), List.copyOf(scored.components().keySet()));
    assertEquals(Map.of("placed", 0.5, "exact-match", 0.0, "mood", 0.0), scored.components());
    var exact = assertInstanceOf(Outcome.Scored.class, reward.judge(SORT, "12"));
    assertEquals(2.5, exact.total(), TOLERANCE);
  }

  @Test
  void failsWithAllReasonsInsteadOfScoring() {
    var reward =
        new WeightedReward(
            List.of(
                component("fine", 1, () -> 1.0),
                component("nan", 1, () -> Double.NaN),
                component("infinite", 0, () -> Double.NEGATIVE_INFINITY),
                component(
                    "remote",
                    1,
                    () -> {
                      throw new IOException("connection refused");
                    })));
    var failed = assertInstanceOf(Outcome.Failed.class, reward.judge(SORT, "12"));
    assertEquals(
        "example e1: reward nan gave NaN; reward infinite gave -Infinity;"
            + " reward remote failed: java.io.IOException: connection refused",
        failed.reason());
  }

  @Test
  void failsWhenTheSumOverflows() {
    var reward =
        new WeightedReward(
            List.of(component("a", 10, () -> Double.MAX_VALUE), component("b", 1, () -> 0.0)));
    var failed = assertInstanceOf(Outcome.Failed.class, reward.judge(SORT, "12"));
    assertTrue(failed.reason().contains("the weighted sum Infinity of"), failed.reason());
  }

  @Test
  void isVerifiableIfEverythingThatCountsIsRightOrWrong() {
    String exact = "{ kind = exact-match, weight = 1 }";
    assertTrue(from(exact).isVerifiable());
    assertTrue(from(exact, "{ kind = numeric-answer, weight = 0.5 }").isVerifiable());
    assertTrue(from(exact, "{ kind = word-list-sentiment, weight = 0 }").isVerifiable());
    assertFalse(from(exact, "{ kind = digit-placement, weight = 0.1 }").isVerifiable());
    assertFalse(from(exact, "{ kind = word-list-sentiment, weight = -0.1 }").isVerifiable());
    assertFalse(from("{ kind = exact-match, weight = 0 }").isVerifiable());
    assertFalse(from("{ kind = exact-match, weight = -1 }").isVerifiable());
  }

  @Test
  void aUsersRewardIsGradedUnlessItSaysOtherwise() {
    assertFalse(new WeightedReward(List.of(component("mine", 1, () -> 1.0))).isVerifiable());
    RewardFunction verdict =
        new RewardFunction() {
          @Override
          public String name() {
            return "mine";
          }

          @Override
          public double score(Example example, String completion) {
            return 1;
          }

          @Override
          public boolean isVerifiable() {
            return true;
          }
        };
    var component = new WeightedReward.Component("mine", 1, verdict);
    assertTrue(new WeightedReward(List.of(component)).isVerifiable());
  }

  @Test
  void theRightAnswerHasFullMarksWhateverTheWeights() {
    // 0.7 + 0.1 + 0.1 is 0.8999999999999999 in this order and 0.9 in another.
    WeightedReward reward =
        from(
            "{ kind = exact-match, weight = 0.7, name = a }",
            "{ kind = exact-match, weight = 0.1, name = b }",
            "{ kind = numeric-answer, weight = 0.1, name = c }");
    var right = assertInstanceOf(Outcome.Scored.class, reward.judge(SORT, "12"));
    assertEquals(reward.fullMark(), right.total());
    var wrong = assertInstanceOf(Outcome.Scored.class, reward.judge(SORT, "21"));
    assertTrue(wrong.total() < reward.fullMark());
  }

  @Test
  void aMissingAnswerIsAFailure() {
    WeightedReward reward = from("{ kind = exact-match, weight = 1 }");
    var example = new Example("e2", "p", null, Map.of());
    var failed = assertInstanceOf(Outcome.Failed.class, reward.judge(example, "12"));
    assertTrue(failed.reason().contains("example e2 has no answer"), failed.reason());
  }

  @Test
  void interruptionIsAFailureAndStaysVisible() {
    var reward =
        new WeightedReward(
            List.of(
                component(
                    "slow",
                    1,
                    () -> {
                      throw new InterruptedException();
                    }),
                component("next", 1, () -> 1.0)));
    var failed = assertInstanceOf(Outcome.Failed.class, reward.judge(SORT, "12"));
    assertTrue(Thread.interrupted());
    assertEquals("example e1: reward slow was interrupted", failed.reason());
  }

  @Test
  void reportsTheMistakesOfAllComponentsAtOnce() {
    List<String> problems =
        failure(
            "{ kind = exact-match, weight = 1, wieght = 2 }",
            "{ kind = word-list-sentiment, half-at = -1, weight = NaN }",
            "{ kind = exact-mach, weight = 1, name = match }",
            "{ kind = java, weight = 1, class = com.acme.Mine }");
    assertEquals(
        Set.of(
            "reward.exact-match.wieght is not a known key (String: 1); did you mean weight?",
            "reward.word-list-sentiment.weight = \"NaN\" is not a number in"
                + " [-1000000.0, 1000000.0] (String: 1)",
            "reward.word-list-sentiment.half-at = -1 is outside [0.001, 1000000.0] (String: 1)",
            "reward.match.kind = \"exact-mach\" is not one of "
                + KINDS
                + " (String: 1); did you mean exact-match?",
            "reward.java.class = \"com.acme.Mine\" cannot be used (String: 1); it is not on the"
                + " class path; add its jar to it, or mend the name"),
        Set.copyOf(problems));
  }

  @Test
  void everyRewardNeedsAKindAndAWeight() {
    assertEquals(
        List.of(
            "reward.exact-match.weight is missing (String: 1); set it to a number in"
                + " [-1000000.0, 1000000.0]"),
        failure("{ kind = exact-match }"));
    assertEquals(
        List.of("reward.0.kind is missing (String: 1); set it to one of " + KINDS),
        failure("{ weight = 1 }"));
    assertThrows(IllegalArgumentException.class, () -> from());
  }

  @Test
  void refusesASecondRewardOfOneName() {
    String one = "{ kind = exact-match, weight = 1 }";
    assertEquals(
        List.of(
            "reward.1.kind = \"exact-match\" makes a second reward called exact-match (String: 1);"
                + " give each a name of its own"),
        failure(one, one));
    assertEquals(
        List.of(
            "reward.1.name = \"exact-match\" makes a second reward called exact-match"
                + " (String: 1); give each a name of its own"),
        failure(one, "{ kind = numeric-answer, weight = 1, name = exact-match }"));
  }

  @Test
  void messagesBeginWithThePathOfTheList() {
    List<Config> rewards = List.of(ConfigFactory.parseString("kind = exact-match, weight = heavy"));
    var error =
        assertThrows(
            SettingsException.class,
            () ->
                WeightedReward.from("stages.pairs.preference", rewards, RewardCatalog.standard()));
    assertTrue(
        error.getMessage().startsWith("stages.pairs.preference.exact-match.weight = \"heavy\""),
        error.getMessage());
  }

  @Test
  void refusesTwoComponentsOfOneNameAndEndlessWeights() {
    List<WeightedReward.Component> twice =
        List.of(component("a", 1, () -> 0.0), component("a", 2, () -> 0.0));
    assertThrows(IllegalArgumentException.class, () -> new WeightedReward(twice));
    assertThrows(IllegalArgumentException.class, () -> new WeightedReward(List.of()));
    assertThrows(IllegalArgumentException.class, () -> component("a", Double.NaN, () -> 0.0));
  }

  @Test
  void aNewKindIsOneRegistration() throws Exception {
    RewardFactory size = config -> () -> function("size", completion -> completion.length());
    RewardCatalog catalog = RewardCatalog.standard().with("size", size);
    Config config = ConfigFactory.parseString("kind = size");
    assertEquals(3, catalog.create(config).score(SORT, "abc"), TOLERANCE);
    assertThrows(IllegalArgumentException.class, () -> catalog.with("size", size));
    assertFalse(RewardCatalog.standard().kinds().contains("size"));
  }

  @Test
  void namesItsKindsAsTheirFunctionsDo() {
    Set<String> namedOtherwise =
        Set.of(
            "java",
            "style-objective",
            "embedding-similarity",
            "implicit"); // by class, by objective, by model
    Map<String, String> required =
        Map.of(
            "code", ", tests = t, allow-unsandboxed = true",
            "http", ", url = \"http://localhost/\"",
            "judge", ", url = \"http://localhost/\", model = m",
            "json-schema", ", schema {}",
            "length", ", min = 1, max = 2",
            "regex", ", pattern = x");
    for (String kind : RewardCatalog.standard().kinds()) {
      if (!namedOtherwise.contains(kind)) {
        Config config =
            ConfigFactory.parseString("kind = " + kind + required.getOrDefault(kind, ""));
        assertEquals(kind, RewardCatalog.standard().create(config).name());
      }
    }
  }

  private static WeightedReward from(String... sections) {
    List<Config> configs = Stream.of(sections).map(ConfigFactory::parseString).toList();
    return WeightedReward.from("reward", configs, RewardCatalog.standard());
  }

  private static List<String> failure(String... sections) {
    return assertThrows(SettingsException.class, () -> from(sections)).problems();
  }

  private static WeightedReward.Component component(
      String name, double weight, Callable<Double> score) {
    return new WeightedReward.Component(name, weight, function(name, completion -> score.call()));
  }

  private interface Scorer {
    double score(String completion) throws Exception;
  }

  private static RewardFunction function(String name, Scorer scorer) {
    return new RewardFunction() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public double score(Example example, String completion) throws Exception {
        return scorer.score(completion);
      }
    };
  }
}
