package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * First sentences of stories for a model to go on with, one a line; lines that are empty or begin
 * with {@code #} are passed over. The project ships a list of its own. There are no answers.
 */
public final class StoryOpenings {
  /** The name of this kind of task. */
  public static final String KIND = "story-openings";

  private static final String SHIPPED = "story-openings.txt";

  private StoryOpenings() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    Optional<Path> file = task.optional("path", task::file);
    var portions = new Portions(task);
    return () ->
        HeldOut.split(
            KIND, examples(file.map(TextLines::read).orElseGet(StoryOpenings::shipped)), portions);
  }

  private static List<Example> examples(List<TextLines.Line> lines) {
    return lines.stream()
        .map(line -> new Example(KIND + ":" + line.number(), line.text(), null, Map.of()))
        .toList();
  }

  private static List<TextLines.Line> shipped() {
    return TextLines.shipped(StoryOpenings.class, SHIPPED);
  }
}
