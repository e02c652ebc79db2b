package dev.troupe.runtime.reward.code;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.reward.code.SandboxResult.Bound;
import dev.troupe.runtime.reward.code.SandboxResult.Ended;
import dev.troupe.runtime.reward.code.SandboxResult.Stopped;
import dev.troupe.runtime.settings.Checked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a program that the completion holds passes the tests of the example, run in a sandbox.
 *
 * <p>A test is either an input with the output that belongs to it, for programs in any language, or
 * a Python statement such as {@code assert f(2) == 4}, which is executed behind the candidate. A
 * candidate that ends with an error or a wrong result is wrong, which is a score. One that goes
 * beyond a bound, asks for what the sandbox refuses, or ends before its tests do is stopped, and
 * {@code stopped} says whether that is a failure or a wrong answer.
 */
public final class CodeReward implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "code";

  private static final Pattern FENCED = Pattern.compile("(?s)```[^\\n]*\\n(.*?)(?:\\n)?```");
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile("(?i)MemoryError|cannot allocate|bad_alloc|out of memory");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Confinement bounds;
  private final Style style;
  private final List<String> command;
  private final String file;
  private final String field;
  private final Grading grading;
  private final WhenStopped stopped;

  /** What a test is. */
  public enum Style {
    /** An input and its output. */
    INPUT_OUTPUT,
    /** A Python statement that fails if the candidate is wrong. */
    PYTHON_ASSERTS
  }

  /** What becomes of several tests. */
  public enum Grading {
    /** 1 if all are passed. */
    ALL,
    /** The share that is passed. */
    SHARE
  }

  /** What a candidate is worth that had to be stopped. */
  public enum WhenStopped {
    /** Nothing is known: a failure with its reason. */
    FAILED,
    /** It is wrong. */
    WRONG
  }

  /** A candidate was stopped; the message says why. */
  static final class StoppedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Bound bound;

    StoppedException(Stopped stopped) {
      super(
          "stopped (%s): %s"
              .formatted(stopped.bound().name().toLowerCase(Locale.ROOT), stopped.reason()));
      this.bound = stopped.bound();
    }

    Bound bound() {
      return bound;
    }
  }

  private CodeReward(
      Confinement bounds,
      Style style,
      List<String> command,
      String file,
      String field,
      Grading grading,
      WhenStopped stopped) {
    this.bounds = bounds;
    this.style = style;
    this.command = List.copyOf(command);
    this.file = file;
    this.field = field;
    this.grading = grading;
    this.stopped = stopped;
  }

  /** The {@code RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    Confinement bounds = Confinement.read(reward);
    Style style = reward.choice("style", Style.class);
    List<String> command = reward.texts("command");
    String file = reward.text("file", Pattern.compile("[A-Za-z0-9._-]+"), "the name of a file");
    String field = reward.text("tests");
    Grading grading = reward.choice("grading", Grading.class);
    WhenStopped stopped = reward.choice("stopped", WhenStopped.class);
    if (reward.isSound("command") && command.isEmpty()) {
      reward.refuse("command", "is empty", "such as [python3, \"{folder}/main.py\"]");
    }
    Optional<String> refusal = Sandbox.refusal();
    if (refusal.isPresent() && reward.isSound("allow-unsandboxed") && !bounds.allowUnsandboxed()) {
      reward.refuse(
          "kind",
          "needs a sandbox, and " + refusal.get(),
          "install it, or set allow-unsandboxed = true if nothing on this machine needs protection");
    }
    return () -> new CodeReward(bounds, style, command, file, field, grading, stopped);
  }

  @Override
  public String name() {
    return KIND;
  }

  @Override
  public boolean isVerifiable() {
    return grading == Grading.ALL;
  }

  /**
   * @return 1 or 0, or the share of tests that are passed
   * @throws IllegalStateException if the example has no tests
   * @throws IOException if the candidate was stopped and that is a failure, or nothing can be run
   */
  @Override
  public double score(Example example, String completion) throws IOException, InterruptedException {
    String tests = example.fields().get(field);
    if (tests == null) {
      throw new IllegalStateException(
          "example %s has no field %s with tests, only %s"
              .formatted(example.id(), field, example.fields().keySet()));
    }
    String source = source(completion);
    List<Boolean> verdicts;
    try {
      verdicts =
          style == Style.INPUT_OUTPUT
              ? inputsAndOutputs(example, tests, source)
              : asserts(example, tests, source);
    } catch (StoppedException e) {
      if (stopped == WhenStopped.FAILED) {
        throw e;
      }
      return 0;
    }
    long passed = verdicts.stream().filter(it -> it).count();
    return grading == Grading.SHARE
        ? (double) passed / verdicts.size()
        : passed == verdicts.size() ? 1 : 0;
  }

  /** The last fenced block, or all of the completion. */
  static String source(String completion) {
    String source = completion;
    for (Matcher block = FENCED.matcher(completion); block.find(); ) {
      source = block.group(1);
    }
    return source;
  }

  private List<Boolean> inputsAndOutputs(Example example, String tests, String source)
      throws IOException, InterruptedException {
    var verdicts = new ArrayList<Boolean>();
    try (var program = new ConfinedProgram(bounds, Map.of(file, source))) {
      for (JsonNode test : list(example, tests)) {
        Ended ended = ended(program.run(command, test.path("input").asText()));
        boolean isRight = ended.exit() == 0 && isSame(test.path("output").asText(), ended.output());
        verdicts.add(isRight);
        if (!isRight && grading == Grading.ALL) {
          break;
        }
      }
    }
    return verdicts;
  }

  /** The same lines, white space at their ends and behind the last one aside. */
  private static boolean isSame(String wanted, String written) {
    return wanted
        .stripTrailing()
        .lines()
        .map(String::stripTrailing)
        .toList()
        .equals(written.stripTrailing().lines().map(String::stripTrailing).toList());
  }

  private List<Boolean> asserts(Example example, String tests, String source)
      throws IOException, InterruptedException {
    List<String> statements = new ArrayList<>();
    if (tests.stripLeading().startsWith("[")) {
      list(example, tests).forEach(test -> statements.add(test.asText()));
    } else {
      statements.add(tests);
    }
    var harness = new PythonHarness(source, statements);
    try (var program =
        new ConfinedProgram(bounds, Map.of(PythonHarness.FILE, PythonHarness.TEXT))) {
      List<String> line = List.of(command.get(0), "-I", "{folder}/" + PythonHarness.FILE);
      return harness.verdicts(ended(program.run(line, harness.input())));
    }
  }

  private static Ended ended(SandboxResult result) throws StoppedException {
    if (result instanceof Stopped stopped) {
      throw new StoppedException(stopped);
    }
    var ended = (Ended) result;
    if (ended.exit() != 0 && OUT_OF_MEMORY.matcher(ended.error()).find()) {
      throw new StoppedException(
          new Stopped(Bound.MEMORY, "it asked for more memory than it may have"));
    }
    return ended;
  }

  private static JsonNode list(Example example, String tests) {
    try {
      JsonNode list = JSON.readTree(tests);
      if (list.isArray() && !list.isEmpty()) {
        return list;
      }
    } catch (JsonProcessingException e) {
      // said below, with the example
    }
    throw new IllegalStateException(
        "the tests of example " + example.id() + " are not a list in JSON with at least one test");
  }
}
