package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

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
  public static Supplier<TaskData> read(Checked task, long seed) {
    Path path = task.file("path");
    var portions = new Portions(task);
    PromptTemplate prompt = task.parsed("template", PromptTemplate::parse);
    return () -> HeldOut.split(KIND, JsonLines.read(path, mapping(prompt)), portions);
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
