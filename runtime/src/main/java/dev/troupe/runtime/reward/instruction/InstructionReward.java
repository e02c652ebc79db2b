package dev.troupe.runtime.reward.instruction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.Checked;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Whether the completion follows its instructions: all of them (1 or 0), or the share that it
 * follows. The instructions are those of the settings, and those in the fields {@code
 * instruction_id_list} and {@code kwargs} of the example, as in IFEval's own file.
 */
public final class InstructionReward implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "instructions";

  private static final String IDS = "instruction_id_list";
  private static final String ARGUMENTS = "kwargs";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Instruction> always;
  private final Grading grading;
  private final boolean loose;

  /** What becomes of several verdicts. */
  public enum Grading {
    /** 1 if every one is right. */
    ALL,
    /** The share that is right. */
    SHARE
  }

  private InstructionReward(List<Instruction> always, Grading grading, boolean loose) {
    this.always = List.copyOf(always);
    this.grading = grading;
    this.loose = loose;
  }

  /** The {@code RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    Grading grading = reward.choice("grading", Grading.class);
    boolean loose = reward.bool("loose");
    var always = new ArrayList<Instruction>();
    for (Config section : reward.optional("checks", reward::opaqueList).orElse(List.of())) {
      try {
        JsonNode values = JSON.readTree(section.root().render(ConfigRenderOptions.concise()));
        always.add(Instruction.of(new Arguments(values.path("id").asText(), values)));
      } catch (IllegalArgumentException e) {
        reward.refuse("checks", "cannot be used", e.getMessage());
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("settings are rendered as JSON", e);
      }
    }
    return () -> new InstructionReward(always, grading, loose);
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
   * @throws IllegalStateException if there is no instruction, or one of the example's cannot be
   *     understood
   */
  @Override
  public double score(Example example, String completion) {
    var instructions = new ArrayList<>(always);
    instructions.addAll(own(example));
    if (instructions.isEmpty()) {
      throw new IllegalStateException(
          "example %s has no instructions: set checks, or give it the fields %s and %s"
              .formatted(example.id(), IDS, ARGUMENTS));
    }
    List<String> readings = readings(completion);
    long followed = instructions.stream().filter(it -> isFollowed(it.check(), readings)).count();
    return grading == Grading.SHARE
        ? (double) followed / instructions.size()
        : followed == instructions.size() ? 1 : 0;
  }

  /** An empty answer follows nothing. */
  private static boolean isFollowed(Predicate<String> check, List<String> readings) {
    return readings.stream().anyMatch(text -> !text.isBlank() && check.test(text));
  }

  /** The completion; loosely also without its first or last line, and without stars. */
  private List<String> readings(String completion) {
    if (!loose) {
      return List.of(completion);
    }
    List<String> lines = completion.strip().lines().toList();
    int count = lines.size();
    Stream<String> cut =
        Stream.of(
            completion,
            String.join("\n", lines.subList(Math.min(1, count), count)).strip(),
            String.join("\n", lines.subList(0, Math.max(0, count - 1))).strip(),
            String.join(
                    "\n",
                    lines.subList(Math.min(1, count), Math.max(Math.min(1, count), count - 1)))
                .strip());
    return cut.flatMap(text -> Stream.of(text, text.replace("*", ""))).distinct().toList();
  }

  private static List<Instruction> own(Example example) {
    if (!example.fields().containsKey(IDS)) {
      return List.of();
    }
    JsonNode ids = tree(example, IDS);
    JsonNode arguments = tree(example, ARGUMENTS);
    var own = new ArrayList<Instruction>();
    for (int i = 0; i < ids.size(); i++) {
      try {
        own.add(Instruction.of(new Arguments(ids.get(i).asText(), arguments.path(i))));
      } catch (IllegalArgumentException e) {
        throw new IllegalStateException("example " + example.id() + ": " + e.getMessage(), e);
      }
    }
    return own;
  }

  private static JsonNode tree(Example example, String field) {
    String text = Optional.ofNullable(example.fields().get(field)).orElse("[]");
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the field %s of example %s is not JSON".formatted(field, example.id()), e);
    }
  }
}
