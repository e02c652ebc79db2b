package dev.troupe.runtime.reward.maths;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.RewardFunction;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MathsAnswerTest {
  private static final double EXACT = 0;

  private final RewardFunction reward =
      RewardCatalog.standard().create(ConfigFactory.parseString("kind = maths-answer"));

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // numbers
        "1234;1,234;1",
        "1234;1{,}234;1",
        "1234;1\\,234;1",
        "0.5;.5;1",
        "0.5;\\frac{1}{2};1",
        "0.5;\\frac12;1",
        "0.5;\\dfrac{1}{2};1",
        "1/2;2/4;1",
        "1/3;0.3333;0",
        "-3;−3;1",
        "-\\frac{1}{2};\\frac{-1}{2};1",
        "1\\frac{1}{2};1.5;1",
        "9007199254740993;9007199254740992;0",
        "2^{10};1024;1",
        "1.2\\times 10^{3};1200;1",
        // percents, money and units
        "50%;0.5;1",
        "50\\%;50;1",
        "0.5;50%;1",
        "50;0.5;0",
        "$18;18;1",
        "18;\\$18.00;1",
        "18;18 apples;1",
        "5;5\\text{ cm};1",
        "5\\text{ cm}^2;5;1",
        "90;90^\\circ;1",
        "90;90^{\\circ};1",
        "5 cm;5cm;1",
        "3 hours;3;1",
        // algebra
        "x^2+2x+1;(x+1)^2;1",
        "x^2+2x+1;(x+1)^3;0",
        "(x+1)(x-1);x^2-1;1",
        "2xy;2yx;1",
        "3xy;3ab;0",
        "\\frac{x}{2};0.5x;1",
        "\\sqrt{8};2\\sqrt{2};1",
        "\\sqrt[3]{27};3;1",
        "\\frac{\\sqrt{2}}{2};\\frac{1}{\\sqrt{2}};1",
        "2\\pi;6.283;0",
        "2\\pi;\\pi+\\pi;1",
        "x_1+x_2;x_2+x_1;1",
        "\\sin(x)^2;1-\\cos(x)^2;1",
        "e^{2};e*e;1",
        "x=5;5;1",
        "y = 2x+1;2x+1;1",
        "f(x)=x^2;x^2;1",
        "x^2+y^2=1;y^2+x^2=1;1",
        // lists, intervals and sets
        "(1,2);(1, 2);1",
        "(1,2);(2,1);0",
        "[1,2);(1,2);0",
        "\\left(\\frac12, 3\\right);(0.5,3);1",
        "\\{1,2\\};\\{2,1\\};1",
        "1, 2;2, 1;1",
        "1 or -1;-1, 1;1",
        "(1,2,3);(1,2);0",
        "\\begin{pmatrix}1\\\\2\\end{pmatrix};\\begin{pmatrix}1\\\\2\\end{pmatrix};1",
        // words
        "\\text{Monday};Monday;1",
        "\\text{even};\\text{odd};0",
        "(B);(b);1",
        "1/0;2/0;0",
        "5;;0"
      })
  void comparesWhatAnswersSay(String wanted, String found, double expected) {
    assertEquals(expected, score(wanted, "\\boxed{" + (found == null ? "" : found) + "}"), EXACT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "so \\boxed{3} and then \\boxed{\\frac{1}{2}};0.5",
        "First 3.\\n#### 1,080;1080",
        "2+2\\nA: 4.;4",
        "The answer is $\\frac{3}{4}$.;0.75",
        "The answer is: 17 apples. I am sure of 3 things.;17",
        "Thus $x=3$ and finally $y=4$;4",
        "it takes 3 hours and 20 minutes;20",
        "-7;-7",
        "we get 10-3=7;7",
        "\\boxed 5;5"
      })
  void findsTheFinalAnswer(String completion, String answer) {
    assertEquals(1, score(answer, completion.replace("\\n", "\n")), EXACT, completion);
  }

  @Test
  void readsTheAnswerOutOfAWorkedSolution() {
    assertEquals(1, score("Half of it: 72 / 2 = 36\n#### 36", "36"), EXACT);
    assertEquals(1, score("so $\\boxed{\\frac12}$", "0.5"), EXACT);
  }

  @Test
  void readsTheAnswerOfAField() {
    RewardFunction ofField =
        RewardCatalog.standard()
            .create(ConfigFactory.parseString("kind = maths-answer, field = s"));
    assertEquals(1, score(ofField, new Example("e", "p", null, Map.of("s", "2")), "2"), EXACT);
    assertThrows(
        IllegalStateException.class,
        () -> ofField.score(new Example("e", "p", "2", Map.of()), "2"));
  }

  @Test
  void hostileExpressionsAreWrongAndNotSlow() {
    for (String hostile :
        new String[] {
          "9^{9^{9^{9^{9}}}}",
          "9^9^9^9",
          "(".repeat(1500),
          "-".repeat(1900) + "1",
          "(1+".repeat(400) + "1" + ")".repeat(400),
          "1" + "0".repeat(1990),
          "x" + "^99".repeat(500),
          "\\frac".repeat(400),
          "1e999999999",
          "{".repeat(100_000)
        }) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(10),
          () -> assertEquals(0, score("2", "\\boxed{" + hostile + "}"), EXACT));
    }
  }

  private double score(String wanted, String completion) {
    return score(reward, new Example("e", "prompt", wanted, Map.of()), completion);
  }

  private static double score(RewardFunction reward, Example example, String completion) {
    try {
      return reward.score(example, completion);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
