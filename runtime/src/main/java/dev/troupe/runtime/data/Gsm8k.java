package dev.troupe.runtime.data;

import com.typesafe.config.Config;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.nio.file.Path;
import java.util.Map;

/**
 * Grade-school mathematics in the format of GSM8K (Cobbe et al. 2021): JSON lines with {@code
 * question} and {@code answer}, where the final number follows {@code #### } at the end of the
 * answer. An example's answer is that number; the worked solution is its field {@code answer}.
 */
public final class Gsm8k {
  /** The name of this kind of task. */
  public static final String KIND = "gsm8k";

  private static final String MARKER = "#### ";

  private Gsm8k() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static TaskData create(Config task, long seed) {
    var section = new Section("task " + KIND, task);
    section.accept("kind");
    Path path = section.file("path");
    int heldOut = (int) section.integer("held-out", 0, Integer.MAX_VALUE);
    int trainLimit = (int) section.integer("train-limit", 1, Integer.MAX_VALUE);
    PromptTemplate prompt = section.template("template");
    return section.make(
        () -> HeldOut.split(KIND, JsonLines.read(path, mapping(prompt)), heldOut, trainLimit, ""));
  }

  /** Makes an example of a line of a GSM8K file. */
  static JsonLines.LineMapping mapping(PromptTemplate prompt) {
    return (id, fields) -> new Example(id, prompt.render(fields), finalAnswer(fields), fields);
  }

  private static String finalAnswer(Map<String, String> fields) {
    String solution = FieldMapping.require(fields, "answer");
    int marker = solution.lastIndexOf(MARKER);
    if (marker < 0) {
      throw new IllegalArgumentException(
          "the field \"answer\" has no \"" + MARKER + "\" in front of a final answer");
    }
    return solution.substring(marker + MARKER.length()).strip();
  }
}
