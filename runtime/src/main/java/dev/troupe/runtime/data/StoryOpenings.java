package dev.troupe.runtime.data;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  public static TaskData create(Config task, long seed) {
    var section = new Section("task " + KIND, task);
    section.accept("kind");
    Optional<Path> file = section.optionalFile("path");
    int heldOut = (int) section.integer("held-out", 0, Integer.MAX_VALUE);
    int trainLimit = (int) section.integer("train-limit", 1, Integer.MAX_VALUE);
    return section.make(
        () ->
            HeldOut.split(
                KIND,
                examples(file.map(StoryOpenings::read).orElseGet(StoryOpenings::shipped)),
                heldOut,
                trainLimit,
                ""));
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
      throw new IllegalArgumentException(
          "path = " + file + " cannot be read as UTF-8 text: " + e, e);
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
