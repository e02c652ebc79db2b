package dev.troupe.runtime.settings;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Data of a person's own, for a run or for one stage: where it is, what its columns mean, and which
 * rows are used in which order.
 *
 * @param use what the rows are for
 * @param sources where they come from, at least one
 * @param lengths which rows are passed over for their length
 * @param curriculum an order by difficulty; empty = shuffled from the beginning
 * @param heldOut how many prompts are kept from training
 * @param trainLimit at most how many rows of each source are trained on
 */
public record DataSettings(
    DataUse use,
    List<Source> sources,
    Lengths lengths,
    Optional<Curriculum> curriculum,
    int heldOut,
    int trainLimit) {
  private static final double LARGEST_WEIGHT = 1e6;
  private static final int LONGEST = 100_000_000;

  /** How a file is written. */
  public enum Format {
    /** As its name ends. */
    AUTO,
    /** A JSON object on each line. */
    JSONL,
    /** Separated by commas, or whatever the first lines show; the first line names the columns. */
    CSV,
    /** Apache Parquet. */
    PARQUET
  }

  /**
   * Files, or the answer to a query.
   *
   * @param key full key of the section, for messages
   * @param query in SQL, as DuckDB understands it; empty = files
   * @param files the files, in order; empty with a query
   * @param format how the files are written
   * @param folders where the query looks for files, the first first
   * @param weight share of the rows of a run that come from here, in units of all weights together
   * @param columns what the columns mean
   */
  public record Source(
      String key,
      Optional<String> query,
      List<Path> files,
      Format format,
      List<Path> folders,
      double weight,
      DataColumns columns) {
    /** Copies the lists. */
    public Source {
      files = List.copyOf(files);
      folders = List.copyOf(folders);
    }
  }

  /**
   * Bounds in tokens; rows outside are passed over.
   *
   * @param minPrompt of the prompt, at least
   * @param maxPrompt of the prompt, at most
   * @param maxAnswer of the answer, or of the longest completion, at most
   */
  public record Lengths(int minPrompt, int maxPrompt, int maxAnswer) {
    /** Whether every row is inside, so that nothing needs to be counted. */
    public boolean areOpen() {
      return minPrompt <= 0 && maxPrompt == LONGEST && maxAnswer == LONGEST;
    }
  }

  /**
   * Rows by difficulty: sorted into equal parts that are read one after the other, each shuffled.
   *
   * @param by the column that says how difficult a row is, as a number
   * @param hardestFirst whether the order is turned round
   * @param parts how many parts
   * @param passes so many times all rows are read in this order; afterwards they are shuffled
   */
  public record Curriculum(String by, boolean hardestFirst, int parts, int passes) {}

  /** Copies the list. */
  public DataSettings {
    sources = List.copyOf(sources);
  }

  /** Reads a section {@code data}, which has all defaults. */
  static DataSettings from(Checked c, DataUse use) {
    Checked turns = c.section("turns");
    ChatTurns chat = ChatTurns.from(turns);
    DataColumns columns = DataColumns.from(c, use, chat, Optional.empty());
    List<Source> sources =
        c.has("sources") ? mixture(c, use, chat, columns) : List.of(source(c, 1, columns));
    return new DataSettings(
        use,
        sources,
        lengths(c),
        curriculum(c),
        c.integer("held-out", 0, LONGEST),
        c.integer("train-limit", 1, LONGEST));
  }

  private static List<Source> mixture(Checked c, DataUse use, ChatTurns chat, DataColumns columns) {
    for (String key : List.of("path", "query")) {
      if (c.has(key)) {
        c.refuse(key, "stands beside sources", "move it into one of the sources");
      }
    }
    List<Checked> sections = c.sections("sources");
    if (c.isSound("sources") && sections.isEmpty()) {
      c.refuse("sources", "holds no source", "write at least one { path = ..., weight = 1 }");
    }
    Format format = c.choice("format", Format.class);
    return sections.stream()
        .map(
            section ->
                source(
                    section,
                    section
                        .optional("weight", key -> section.decimal(key, 1e-6, LARGEST_WEIGHT))
                        .orElse(1.0),
                    DataColumns.from(section, use, chat, Optional.of(columns)),
                    section
                        .optional("format", key -> section.choice(key, Format.class))
                        .orElse(format)))
        .toList();
  }

  private static Source source(Checked c, double weight, DataColumns columns) {
    return source(c, weight, columns, c.choice("format", Format.class));
  }

  private static Source source(Checked c, double weight, DataColumns columns, Format format) {
    List<Path> folders = DataFiles.folders(c);
    if (c.has("query")) {
      if (c.has("path")) {
        c.clash("query", "stands beside " + c.quote("path"), "keep one of the two");
      }
      return new Source(
          c.path(), Optional.of(c.text("query")), List.of(), format, folders, weight, columns);
    }
    if (!c.has("path")) {
      c.miss("path", "a file or a pattern such as \"data/*.jsonl\", or set query");
      return new Source(c.path(), Optional.empty(), List.of(), format, folders, weight, columns);
    }
    return new Source(
        c.path(), Optional.empty(), DataFiles.find(c, "path"), format, folders, weight, columns);
  }

  private static Lengths lengths(Checked c) {
    var lengths =
        new Lengths(
            c.optional("min-prompt-tokens", key -> c.integer(key, 0, LONGEST)).orElse(0),
            c.optional("max-prompt-tokens", key -> c.integer(key, 1, LONGEST)).orElse(LONGEST),
            c.optional("max-answer-tokens", key -> c.integer(key, 1, LONGEST)).orElse(LONGEST));
    if (c.isSound("min-prompt-tokens", "max-prompt-tokens")
        && lengths.minPrompt() > lengths.maxPrompt()) {
      c.clash("min-prompt-tokens", "is above " + c.quote("max-prompt-tokens"), "lower it");
    }
    return lengths;
  }

  private static Optional<Curriculum> curriculum(Checked c) {
    return c.optional(
        "curriculum",
        key -> {
          Checked section = c.section(key);
          return new Curriculum(
              section.text("by"),
              section.bool("hardest-first"),
              section.integer("parts", 1, 1_000_000),
              section.integer("passes", 1, 1_000_000));
        });
  }

  /** The names of the labels, if the rows have any. */
  public List<String> labels() {
    return sources.isEmpty() ? List.of() : sources.get(0).columns().labels();
  }
}
