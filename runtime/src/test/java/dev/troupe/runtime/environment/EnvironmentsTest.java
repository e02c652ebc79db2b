package dev.troupe.runtime.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.data.TaskCatalog;
import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.environment.Environment.Step;
import dev.troupe.runtime.reward.maths.Calculation;
import dev.troupe.runtime.settings.SettingsException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentsTest {
  private static final Example SUM =
      new Example("sum", "12*(3+4)=", "84", Map.of("calculation", "12*(3+4)"));
  private static final Example RANGE =
      new Example("range", "10-24:", null, Map.of("low", "10", "high", "24"));

  private static World world(String settings) {
    return EnvironmentCatalog.standard().create(ConfigFactory.parseString(settings));
  }

  private static Environment begun(String settings, Example example, long seed) throws Exception {
    Environment environment = world(settings).environment();
    environment.reset(example, seed);
    return environment;
  }

  @ParameterizedTest
  @CsvSource({
    "calc(12*(3+4)),=84;",
    "calc(12*(3+4),=84;", // a stop text cut the last bracket off
    "I ask calc(1+1) and calc(7/2),=3.5;",
    "calc(2/3),=0.666666666667;", // 12 significant digits, half to even
    "calc(1/0),=?;",
    "calc(x+1),=?;",
    "calc(),=?;",
    "calc(9^9^9),=?;"
  })
  void theCalculatorAnswersACall(String said, String answer) throws Exception {
    assertEquals(Step.next(answer), begun("kind = calculator", SUM, 1).step(said));
  }

  @Test
  void theCalculatorTakesATurnWithoutACallForTheAnswer() throws Exception {
    assertEquals(Step.done(0), begun("kind = calculator", SUM, 1).step("84"));
  }

  @Test
  void theCalculatorShowsACallAndThenTheAnswer() throws Exception {
    Environment calculator = begun("kind = calculator", SUM, 1);

    assertEquals(Optional.of("calc(12*(3+4))"), calculator.demonstrate());
    assertEquals("=84;", calculator.step("calc(12*(3+4))").observation());
    assertEquals(Optional.of("84"), calculator.demonstrate());
    Environment unshown = begun("kind = calculator", new Example("free", "?", "1", Map.of()), 1);
    assertEquals(Optional.empty(), unshown.demonstrate());
  }

  @Test
  void aNumberIsFoundByBisectionWithinFourGuessesOfFifteen() throws Exception {
    Set<String> found = new HashSet<>();
    for (long seed = 0; seed < 200; seed++) {
      Environment game = begun("kind = guess-number, demonstrations = bisection", RANGE, seed);
      Step step = Step.next("");
      String guess = "";
      int guesses = 0;
      for (; !step.isDone(); guesses++) {
        guess = game.demonstrate().orElseThrow();
        step = game.step(guess);
      }
      assertTrue(guesses <= 4, guesses + " guesses"); // 2^4 - 1 = 15
      assertEquals(1, step.reward());
      found.add(guess);
    }
    assertEquals(15, found.size()); // every number of the range is drawn for some seed
  }

  @Test
  void theGameTellsWhereToLookAndWhatIsNoNumber() throws Exception {
    Environment game = begun("kind = guess-number", RANGE, 3);

    assertEquals(Step.next(">"), game.step("09"));
    assertEquals(Step.next("<"), game.step("25"));
    assertEquals(Step.next("?"), game.step("2-"));
    assertThrows(
        IllegalArgumentException.class, () -> begun("kind = guess-number", SUM, 3).step("1"));
  }

  @Test
  void equalSeedsMakeEqualGames() throws Exception {
    for (int guess = 10; guess < 25; guess++) {
      Step first = begun("kind = guess-number", RANGE, 8).step(Integer.toString(guess));
      assertEquals(first, begun("kind = guess-number", RANGE, 8).step(Integer.toString(guess)));
    }
  }

  @Test
  void tasksFitTheirEnvironments() {
    Config arithmetic =
        ConfigFactory.parseString("kind = arithmetic, digits = 2, terms = 3, held-out = 300");
    TaskData task = TaskCatalog.standard().create(arithmetic, 3);
    assertEquals(100_000, task.train().size()); // the limit: there are 9,000,000 prompts
    for (int i = 0; i < 300; i++) {
      Example example = task.heldOut().get(i);
      String calculation = example.fields().get("calculation");
      assertEquals(example.prompt(), calculation + "=");
      assertEquals(Calculation.of(calculation, 12), Optional.of(example.answer()), calculation);
      example.prompt().chars().forEach(it -> assertTrue(task.alphabet().indexOf(it) >= 0));
      example.answer().chars().forEach(it -> assertTrue(task.alphabet().indexOf(it) >= 0));
    }
    Config ranges =
        ConfigFactory.parseString("kind = guess-number, digits = 2, size = 15, held-out = 20");
    TaskData games = TaskCatalog.standard().create(ranges, 3);
    assertEquals(86 * 14 - 20, games.train().size()); // low of 00 to 85, 2 to 15 numbers
    Set<String> heldOut = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      heldOut.add(games.heldOut().get(i).prompt());
    }
    for (int i = 0; i < games.train().size(); i++) {
      assertFalse(heldOut.contains(games.train().get(i).prompt()));
    }
  }

  /** A person's own environment. */
  public static final class Echo implements Environment {
    private final String greeting;

    public Echo(Config settings) {
      greeting = settings.getString("greeting");
    }

    @Override
    public void reset(Example example, long seed) {}

    @Override
    public Step step(String action) {
      return Step.next(greeting + action);
    }
  }

  @Test
  void aPersonsOwnClassIsLoadedByItsName() throws Exception {
    String settings =
        "kind = java, class = \"%s\", settings { greeting = hello }"
            .formatted(Echo.class.getName());
    World world = world(settings);
    Environment one = world.environment();
    Environment other = world.environment();

    assertEquals("hello world", one.step(" world").observation());
    assertTrue(one != other); // one for each rollout
  }

  @Test
  void mistakesInTheSectionAreToldAtOnce() {
    SettingsException refused =
        assertThrows(
            SettingsException.class,
            () -> world("kind = calculator, max-turns = 0, result = \"=\", opne = \"calc(\""));
    assertTrue(refused.getMessage().contains("environment.max-turns"), refused.getMessage());
    assertTrue(refused.getMessage().contains("has no {result}"), refused.getMessage());
    assertTrue(refused.getMessage().contains("opne"), refused.getMessage());
    SettingsException unknown =
        assertThrows(SettingsException.class, () -> world("kind = calculater"));
    assertTrue(unknown.getMessage().contains("calculator"), unknown.getMessage());
  }

  /** Never answers, throws, or gives nothing. */
  public static final class Faulty implements Environment {
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    @Override
    public void reset(Example example, long seed) {}

    @Override
    public Step step(String action) throws Exception {
      switch (action) {
        case "wait" -> NEVER.await(50, TimeUnit.SECONDS);
        case "throw" -> throw new IllegalStateException("the door is locked");
        case "nothing" -> {
          return null;
        }
        default -> {}
      }
      return Step.done(1);
    }
  }

  @Test
  void whatGoesWrongInOneEpisodeIsItsOwnFailureWithAReason() throws Exception {
    String settings =
        "kind = java, class = \"%s\", deadline = 20ms, threads = 2"
            .formatted(Faulty.class.getName());
    try (var episodes = new Episodes(world(settings))) {
      List<Environment> begun =
          episodes.begin(Collections.nCopies(4, new Episodes.Start(SUM, 1))).stream()
              .map(Episodes.Answer::value)
              .toList();

      var answers = episodes.step(begun, List.of("wait", "throw", "nothing", "go"));

      assertEquals(
          Optional.of("environment java gave no answer within PT0.02S"), answers.get(0).failure());
      assertEquals(
          Optional.of(
              "environment java failed: java.lang.IllegalStateException: the door is locked"),
          answers.get(1).failure());
      assertEquals(
          Optional.of("environment java gave nothing in place of an answer"),
          answers.get(2).failure());
      assertEquals(Step.done(1), answers.get(3).value());
    }
  }
}
