package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.DataSettings;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/**
 * A person's own data: JSON lines, CSV and Parquet files and the answers to queries. Everything is
 * read and checked at once; what is kept is the rows' text.
 */
public final class FileData {
  private FileData() {}

  /**
   * Reads the data of a run.
   *
   * @param tokens counts the tokens of a text; asked only where lengths are bounded
   * @throws DataException if a file or a row is bad, listing up to 20 with file, line and field, or
   *     if nothing is left to train on
   */
  public static TaskData task(DataSettings settings, ToIntFunction<String> tokens) {
    DataLoad load = DataLoad.of(settings, "data", tokens);
    IntFunction<Example> examples = load::example;
    return new TaskData(
        "data", new Prompts(load.train(examples)), new Prompts(load.heldOut(examples)), "");
  }

  /**
   * Reads the data of one stage.
   *
   * @param key full key of the section, for messages
   * @param tokens counts the tokens of a text; asked only where lengths are bounded
   * @throws DataException as {@link #task} does
   */
  public static StageData stage(DataSettings settings, String key, ToIntFunction<String> tokens) {
    DataLoad load = DataLoad.of(settings, key, tokens);
    IntFunction<Comparison> comparisons = load::comparison;
    if (settings.use().hasCompletions()) {
      return new StageData(
          Optional.empty(),
          load.train(comparisons),
          load.heldOut(comparisons),
          load.mostCandidates());
    }
    var none = new StoredRows<Comparison>(comparisons, List.of(), Optional.empty());
    return new StageData(Optional.of(new Prompts(load.train(load::example))), none, none, 0);
  }

  private record Prompts(Rows<Example> rows) implements PromptSource {
    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public Example get(int index) {
      return rows.get(index);
    }

    @Override
    public ExampleOrder order(long seed) {
      return rows.order(seed);
    }
  }
}
