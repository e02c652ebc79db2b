package dev.troupe.runtime.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads data files with one JSON object on each line, in UTF-8. Empty lines are passed over. */
public final class JsonLines {
  private JsonLines() {}

  /** Makes an example of one line. */
  @FunctionalInterface
  public interface LineMapping {
    /**
     * @param id a name for the example, made of file name and line number
     * @param fields the values of the line by key: texts as they are, other values in JSON; keys
     *     whose value is null are left out
     * @throws IllegalArgumentException if the line cannot be used, naming the field and what is
     *     wrong with it
     */
    Example toExample(String id, Map<String, String> fields);
  }

  /**
   * Reads all examples of a file, in its order.
   *
   * @throws DataException if the file cannot be read, has no examples, or has bad lines: up to 20
   *     are listed, each with file, line and field
   */
  public static List<Example> read(Path file, LineMapping mapping) {
    var lines = new Lines(file.getFileName().toString(), mapping);
    try {
      JsonRows.read(file, lines);
    } catch (IOException e) {
      throw new DataException("data file " + file, List.of("it cannot be read: " + e));
    }
    if (lines.problems.isEmpty() && lines.examples.isEmpty()) {
      lines.problems.add("it has no examples");
    }
    lines.problems.throwIfAny("data file " + file);
    return List.copyOf(lines.examples);
  }

  private static final class Lines implements RowSink {
    private final String name;
    private final LineMapping mapping;
    private final List<Example> examples = new ArrayList<>();
    private final Map<String, Integer> lineOfId = new HashMap<>();
    private final RowProblems problems = new RowProblems();

    Lines(String name, LineMapping mapping) {
      this.name = name;
      this.mapping = mapping;
    }

    @Override
    public void row(int line, Map<String, String> fields) {
      Example example = mapping.toExample(name + ":" + line, fields);
      Integer earlier = lineOfId.putIfAbsent(example.id(), line);
      if (earlier != null) {
        throw new IllegalArgumentException(
            "the id \"%s\" is already that of line %d".formatted(example.id(), earlier));
      }
      examples.add(example);
    }

    @Override
    public void fault(int line, String fault) {
      problems.add("%s:%d: %s".formatted(name, line, fault));
    }

    @Override
    public boolean isFull() {
      return problems.isFull();
    }
  }
}
