package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.DataSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads all rows of a section of data once, checks each, and parts the held-out prompts. */
final class DataLoad {
  private static final Logger LOG = LoggerFactory.getLogger(DataLoad.class);

  private final DataSettings settings;
  private final String key;
  private final ToIntFunction<String> tokens;
  private final RowTable table = new RowTable();
  private final PromptHashes prompts = new PromptHashes();
  private final RowProblems problems = new RowProblems();
  private final List<RowMeaning> meanings = new ArrayList<>();

  /** For each source, the index behind its last row. */
  private final List<Integer> ends = new ArrayList<>();

  private double[] difficulty = new double[0];
  private int mostCandidates;
  private int passedOver;
  private PromptHashes.Split split;

  private DataLoad(DataSettings settings, String key, ToIntFunction<String> tokens) {
    this.settings = settings;
    this.key = key;
    this.tokens = tokens;
  }

  /**
   * @param key full key of the section, for messages
   * @throws DataException if a file or a row is bad, or nothing is left to train on
   */
  static DataLoad of(DataSettings settings, String key, ToIntFunction<String> tokens) {
    var load = new DataLoad(settings, key, tokens);
    for (DataSettings.Source source : settings.sources()) {
      load.read(source);
    }
    load.refuseTwins();
    load.problems.throwIfAny(key);
    load.split = load.prompts.holdOut(settings.heldOut());
    load.requireRest();
    return load;
  }

  private void read(DataSettings.Source source) {
    meanings.add(new RowMeaning(source.columns(), settings.use()));
    if (source.query().isPresent()) {
      table.from("query");
      try (var tables = new TableRows(source.folders())) {
        tables.query(source.query().get(), new Sink(source.key() + ".query, row "));
      } catch (SQLException e) {
        problems.add(source.key() + ".query: " + TableRows.sentence(e));
      }
    }
    boolean areNamed =
        source.files().stream().map(Path::getFileName).distinct().count() == source.files().size();
    for (Path file : source.files()) {
      if (!problems.isFull()) {
        read(source, file, areNamed ? file.getFileName().toString() : file.toString());
      }
    }
    ends.add(table.size());
  }

  private void read(DataSettings.Source source, Path file, String name) {
    table.from(name);
    try {
      switch (format(source, file)) {
        case JSONL -> JsonRows.read(file, new Sink(name + ":"));
        case CSV -> {
          try (var tables = new TableRows(source.folders())) {
            tables.csv(file, new Sink(name + ", row "));
          }
        }
        case PARQUET -> {
          try (var tables = new TableRows(source.folders())) {
            tables.parquet(file, new Sink(name + ", row "));
          }
        }
        case AUTO ->
            problems.add(
                "%s: the name does not tell how it is written; set %s.format to jsonl, csv or parquet"
                    .formatted(file, source.key()));
      }
    } catch (IOException e) {
      problems.add("%s: it cannot be read: %s".formatted(file, e));
    } catch (SQLException e) {
      problems.add("%s: it cannot be read: %s".formatted(file, TableRows.sentence(e)));
    }
  }

  private static DataSettings.Format format(DataSettings.Source source, Path file) {
    if (source.format() != DataSettings.Format.AUTO) {
      return source.format();
    }
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "jsonl", "ndjson", "json" -> DataSettings.Format.JSONL;
      case "csv", "tsv" -> DataSettings.Format.CSV;
      case "parquet" -> DataSettings.Format.PARQUET;
      default -> DataSettings.Format.AUTO;
    };
  }

  /** Takes the rows of one file of the latest source. */
  private final class Sink implements RowSink {
    private final String place;

    /**
     * @param place what stands before the number of a row in messages
     */
    Sink(String place) {
      this.place = place;
    }

    @Override
    public void row(int line, Map<String, String> fields) {
      RowMeaning meaning = meanings.get(meanings.size() - 1);
      var row = new RowTable.Row("", line, fields);
      String prompt;
      List<String> answers;
      if (settings.use().hasCompletions()) {
        Comparison comparison = meaning.comparison(row);
        prompt = comparison.prompt();
        answers = comparison.candidates().stream().map(Comparison.Candidate::text).toList();
        mostCandidates = Math.max(mostCandidates, answers.size());
      } else {
        Example example = meaning.example(row);
        prompt = example.prompt();
        answers = example.answer() == null ? List.of() : List.of(example.answer());
      }
      if (settings.curriculum().isPresent()) {
        String by = settings.curriculum().get().by();
        note(table.size(), RowMeaning.number(by, FieldMapping.require(fields, by)));
      }
      if (fits(prompt, answers)) {
        table.add(line, fields);
        prompts.add(prompt);
      } else {
        passedOver++;
      }
    }

    @Override
    public void fault(int line, String fault) {
      problems.add(place + line + ": " + fault);
    }

    @Override
    public boolean isFull() {
      return problems.isFull();
    }
  }

  private void note(int row, double number) {
    if (row >= difficulty.length) {
      difficulty = Arrays.copyOf(difficulty, Math.max(1024, row + (row >> 1)));
    }
    difficulty[row] = number;
  }

  private boolean fits(String prompt, List<String> answers) {
    DataSettings.Lengths lengths = settings.lengths();
    if (lengths.areOpen()) {
      return true;
    }
    int length = tokens.applyAsInt(prompt);
    return length >= lengths.minPrompt()
        && length <= lengths.maxPrompt()
        && answers.stream().allMatch(answer -> tokens.applyAsInt(answer) <= lengths.maxAnswer());
  }

  private void requireRest() {
    if (passedOver > 0) {
      LOG.info("{}: {} rows passed over for their length, {} kept", key, passedOver, table.size());
    }
    int begin = 0;
    for (int source = 0; source < ends.size(); source++) {
      if (train(begin, ends.get(source)).length == 0) {
        problems.add(
            table.size() == 0 && passedOver == 0
                ? "it has no rows"
                : "%s has no row left to train on: %d were read, %d passed over for their length, and held-out = %d"
                    .formatted(
                        settings.sources().get(source).key(),
                        table.size() + passedOver,
                        passedOver,
                        settings.heldOut()));
      }
      begin = ends.get(source);
    }
    problems.throwIfAny(key);
  }

  private int[] train(int begin, int end) {
    int[] all = split.train(begin, end);
    return all.length > settings.trainLimit() ? Arrays.copyOf(all, settings.trainLimit()) : all;
  }

  /** The rows to train on. */
  <T> Rows<T> train(IntFunction<T> row) {
    var parts = new ArrayList<StoredRows.Part>();
    int begin = 0;
    for (int source = 0; source < ends.size(); source++) {
      int[] rows = train(begin, ends.get(source));
      double[] numbers =
          settings.curriculum().isPresent()
              ? Arrays.stream(rows).mapToDouble(index -> difficulty[index]).toArray()
              : new double[0];
      parts.add(new StoredRows.Part(rows, settings.sources().get(source).weight(), numbers));
      begin = ends.get(source);
    }
    return new StoredRows<>(row, parts, settings.curriculum());
  }

  /** The rows kept from training. */
  <T> Rows<T> heldOut(IntFunction<T> row) {
    var part = new StoredRows.Part(split.heldOut(), 1, new double[0]);
    return new StoredRows<>(row, List.of(part), Optional.empty());
  }

  /** Completions of the longest row. */
  int mostCandidates() {
    return mostCandidates;
  }

  /** The row at an index of the table as an example. */
  Example example(int index) {
    return meaning(index).example(table.get(index));
  }

  /** The row at an index of the table as a comparison. */
  Comparison comparison(int index) {
    return meaning(index).comparison(table.get(index));
  }

  private RowMeaning meaning(int index) {
    int source = 0;
    while (index >= ends.get(source)) {
      source++;
    }
    return meanings.get(source);
  }

  /** Notes names that two rows have, without holding all names in memory at once. */
  private void refuseTwins() {
    if (meanings.stream().allMatch(meaning -> meaning.idColumn().isEmpty())) {
      return;
    }
    long[] hashes = new long[table.size()];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = hash(id(i));
    }
    long[] sorted = hashes.clone();
    Arrays.sort(sorted);
    var seen = new HashMap<String, Integer>();
    for (int i = 0; i < hashes.length && !problems.isFull(); i++) {
      int at = Arrays.binarySearch(sorted, hashes[i]);
      boolean isTwice =
          at > 0 && sorted[at - 1] == hashes[i]
              || at + 1 < sorted.length && sorted[at + 1] == hashes[i];
      Integer earlier = isTwice ? seen.putIfAbsent(id(i), i) : null;
      if (earlier != null) {
        RowTable.Row row = table.get(i);
        RowTable.Row other = table.get(earlier);
        problems.add(
            "%s:%d: the id \"%s\" is already that of %s:%d"
                .formatted(row.origin(), row.line(), id(i), other.origin(), other.line()));
      }
    }
  }

  private String id(int index) {
    return meaning(index).id(table.get(index));
  }

  private static long hash(String id) {
    long hash = 0;
    for (int i = 0; i < id.length(); i++) {
      hash = Permutation.mix(hash, id.charAt(i));
    }
    return hash;
  }
}
