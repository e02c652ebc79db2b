package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
            KIND,
            examples(file.map(StoryOpenings::read).orElseGet(StoryOpenings::shipped)),
            portions);
  }

  private static List<Example> examples(List<String> lines) {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        examples.add(new Example(KIND + ":" + (i + 1), line, null, Map.of()));
      }
    }
    return examples;
  }

  private static List<String> read(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new DataException("story openings " + file, List.of("no UTF-8 text can be read: " + e));
    }
  }

  private static List<String> shipped() {
    try (InputStream list = StoryOpenings.class.getResourceAsStream(SHIPPED)) {
      return new String(list.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new IllegalStateException("the shipped resource " + SHIPPED + " is unreadable", e);
    }
  }
}
