package dev.troupe.runtime.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.tokenizer.SharedMaterial;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerRewardsTest {
  private static final double EXACT = 0;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'013459'|'013459'|1",
        "'013459'|' 013459\n'|1",
        "' 013459 '|'013459'|1",
        "'013459'|'0134590'|0",
        "'013459'|'01345'|0",
        "'a'|'A'|0",
        "''|'  '|1"
      })
  void exactMatchComparesTrimmedTexts(String answer, String completion, double expected) {
    assertEquals(expected, new ExactMatch().score(example(answer), completion), EXACT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'013459'|'013459'|6|6",
        "'013459'|' 013459 '|6|6",
        "'013459'|'013495'|4|6",
        "'013459'|'01'|2|6",
        "'013459'|''|0|6",
        "'013459'|'01345999'|6|8", // all six in place, but eight written
        "'013459'|'13459'|0|6", // shifted by one: nothing in place
        "'😀1'|'😀2'|1|2",
        "''|''|1|1",
        "''|'1'|0|1"
      })
  void digitPlacementIsTheShareOfCharactersInPlace(
      String answer, String completion, double right, double longer) {
    assertEquals(right / longer, new DigitPlacement().score(example(answer), completion), EXACT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "'A: 18'|18",
        "'2 + 2 = 4\nA: 18\n'|18",
        "'A: 5\nQ: more\nA: 7'|7",
        "'A: 5 #### 9'|9",
        "'#### 9 A: 5'|5",
        "'#### 1,234,567.'|1234567",
        "'#### $1,234.50'|1234.50",
        "'A: -3'|-3",
        "'A: -$3'|-3",
        "'A: +.5'|.5",
        "'A: 18 dollars'|none",
        "'A: 1/5'|none",
        "'12 A: '|none",
        "'A: 1e5'|none",
        "'A: 7\nThat makes 8.'|7",
        "'There are 3 cows, 4 sheep and 18 hens.'|18",
        "'It is 5-3'|3",
        "'It is -3.'|-3",
        "'It costs $1,000.25, I think'|1000.25",
        "'(2)-1'|1",
        "'no number at all'|none",
        "''|none"
      })
  void takesTheNumberBehindTheLastMarkerOrTheLastNumber(String text, BigDecimal expected) {
    BigDecimal found = NumericAnswer.extract(text).orElse(null);
    assertTrue(
        expected == null ? found == null : found != null && expected.compareTo(found) == 0,
        text + " gave " + found);
  }

  @Test
  void comparesAnswersAsNumbers() {
    var reward = new NumericAnswer();
    assertEquals(1, reward.score(example("1,080"), "so A: 1080.00"), EXACT);
    assertEquals(1, reward.score(example("0.5"), "A: .50"), EXACT);
    assertEquals(0, reward.score(example("1080"), "A: 1080.01"), EXACT);
    assertEquals(0, reward.score(example("1080"), "nothing"), EXACT);
    // 2^53 + 1 and 2^53 are the same double.
    assertEquals(0, reward.score(example("9007199254740993"), "A: 9007199254740992"), EXACT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"many", "", "1/2"})
  void refusesAGoldAnswerThatIsNotANumber(String answer) {
    var error =
        assertThrows(
            IllegalStateException.class, () -> new NumericAnswer().score(example(answer), "1"));
    assertEquals("the answer \"" + answer + "\" of example e is not a number", error.getMessage());
  }

  @Test
  void needsAnAnswer() {
    for (RewardFunction reward :
        new RewardFunction[] {new ExactMatch(), new DigitPlacement(), new NumericAnswer()}) {
      var error = assertThrows(IllegalStateException.class, () -> reward.score(example(null), "1"));
      assertTrue(error.getMessage().startsWith("example e has no answer"), error.getMessage());
    }
  }

  @Test
  void longDigitStringsAreReadInReasonableTime() {
    String digits = "7,".repeat(20_000);
    assertEquals(1, new NumericAnswer().score(example(digits), "so it is " + digits), EXACT);
    assertEquals(0, new NumericAnswer().score(example("1"), "x ".repeat(50_000)), EXACT);
  }

  @Test
  void agreesWithEveryLabelOfTheGsm8kModelSolutions() throws Exception {
    Path file = SharedMaterial.path("data/gsm8k_example_model_solutions.jsonl");
    var reward = new NumericAnswer();
    var mapper = new ObjectMapper();
    int labels = 0;
    for (String line : Files.readAllLines(file)) {
      JsonNode problem = mapper.readTree(line);
      String truth = problem.path("ground_truth").asText();
      Example example = example(NumericAnswer.extract(truth).orElseThrow().toPlainString());
      for (JsonNode solution : problem) {
        if (solution.isObject()) {
          boolean right = reward.score(example, solution.path("solution").asText()) == 1;
          assertEquals(solution.path("is_correct").asBoolean(), right, line);
          labels++;
        }
      }
    }
    assertEquals(5276, labels); // 1,319 problems with 4 solutions each
  }

  private static Example example(String answer) {
    return new Example("e", "prompt", answer, Map.of());
  }
}
