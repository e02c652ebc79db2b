package dev.troupe.runtime.rollout;

import dev.troupe.runtime.record.RecordException;
import dev.troupe.runtime.rollout.RolloutRow.Component;
import dev.troupe.runtime.rollout.RolloutRow.Purpose;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.duckdb.DuckDBConnection;

/** Reads the rollouts that a run has recorded so far. Used by one thread. */
public final class RolloutArchive implements AutoCloseable {
  private static final String SELECTED =
      """
      select *, map_keys(rewards) as names, map_values(rewards) as scores,
        map_values(reward_weights) as weights, map_values(reward_versions) as versions
      from read_parquet(%s) where step = ?
      """;

  private final Path run;
  private final RolloutFiles files;
  private final DuckDBConnection duck;

  /**
   * Steps of a stage that follow each other without a gap.
   *
   * @param first the first recorded one
   * @param last the last recorded one
   */
  public record Range(String stage, long first, long last) {}

  /**
   * A step in numbers.
   *
   * @param rollouts completions that were recorded
   * @param tokens of them
   * @param tickets prompts that were recorded
   */
  public record Size(long rollouts, long tokens, long tickets) {}

  /**
   * A prompt of a step.
   *
   * @param name of its ticket
   * @param reward mean over its completions; null if none was scored
   */
  public record Ticket(String name, String prompt, Double reward) {}

  /**
   * A step at a glance.
   *
   * @param tickets its prompts in order
   * @param advantages mean over the tokens of each completion that has any, in order
   */
  public record Overview(List<Ticket> tickets, List<Double> advantages) {
    /** Copies the lists. */
    public Overview {
      tickets = List.copyOf(tickets);
      advantages = List.copyOf(advantages);
    }
  }

  /**
   * What was answered and what that was worth, for comparison with another run.
   *
   * @param tokens of the completion
   * @param reward its total; null if it could not be scored
   * @param components rewards by name
   */
  public record Judgement(
      RolloutRow.Place place, String tokens, Double reward, String components) {}

  private RolloutArchive(Path run, DuckDBConnection duck) {
    this.run = run;
    this.files = RolloutFiles.of(run);
    this.duck = duck;
  }

  /**
   * Opens the records of a run, which may be going on.
   *
   * @throws RecordException if DuckDB does not start on this system
   */
  public static RolloutArchive open(Path run) {
    try {
      return new RolloutArchive(run, Duck.open());
    } catch (SQLException e) {
      throw new RecordException("DuckDB does not start: " + e.getMessage(), e);
    }
  }

  /** What training steps of a run are on the disk, by stage, without opening a file. */
  public static List<Range> ranges(Path run) {
    var ranges = new ArrayList<Range>();
    for (RolloutFiles.Steps file : RolloutFiles.of(run).steps()) {
      Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
      if (last != null && last.stage().equals(file.stage()) && file.from() <= last.last() + 1) {
        ranges.set(ranges.size() - 1, new Range(file.stage(), last.first(), file.to()));
      } else {
        ranges.add(new Range(file.stage(), file.from(), file.to()));
      }
    }
    return ranges;
  }

  /**
   * The stage whose files were written last: the one that ran last.
   *
   * @param stages some that have files
   */
  public static String newest(Path run, Collection<String> stages) {
    return RolloutFiles.of(run).steps().stream()
        .filter(file -> stages.contains(file.stage()))
        .max(Comparator.comparingLong(file -> file.path().toFile().lastModified()))
        .map(RolloutFiles.Steps::stage)
        .orElseThrow();
  }

  /** The file that holds a step; empty if it was not recorded, or removed again. */
  public Optional<Path> file(String stage, long step) {
    return files.steps().stream()
        .filter(file -> file.stage().equals(stage) && file.holds(step))
        .map(RolloutFiles.Steps::path)
        .findFirst();
  }

  /** How much of a step was recorded. */
  public Size size(String stage, long step) {
    Optional<Path> file = file(stage, step);
    if (file.isEmpty()) {
      return new Size(0, 0, 0);
    }
    String sql =
        "select count(*), coalesce(sum(len(tokens)), 0), count(distinct ticket) from read_parquet(%s) where step = ?"
            .formatted(Duck.quoted(file.get().toString()));
    try (PreparedStatement query = duck.prepareStatement(sql)) {
      query.setLong(1, step);
      try (ResultSet answer = query.executeQuery()) {
        answer.next();
        return new Size(answer.getLong(1), answer.getLong(2), answer.getLong(3));
      }
    } catch (SQLException e) {
      throw unreadable(file.get(), e);
    }
  }

  /** A step at a glance; of nothing if it is not recorded. */
  public Overview overview(String stage, long step) {
    Optional<Path> file = file(stage, step);
    if (file.isEmpty()) {
      return new Overview(List.of(), List.of());
    }
    String sql =
        "select ticket, prompt, reward, list_avg(advantages) from read_parquet(%s) where step = ?"
            .formatted(Duck.quoted(file.get().toString()));
    Map<String, String> prompts = new LinkedHashMap<>();
    Map<String, DoubleSummaryStatistics> rewards = new HashMap<>();
    var advantages = new ArrayList<Double>();
    try (PreparedStatement query = duck.prepareStatement(sql)) {
      query.setLong(1, step);
      try (ResultSet answer = query.executeQuery()) {
        while (answer.next()) {
          prompts.putIfAbsent(answer.getString(1), answer.getString(2));
          DoubleSummaryStatistics sum =
              rewards.computeIfAbsent(answer.getString(1), ticket -> new DoubleSummaryStatistics());
          Object reward = answer.getObject(3);
          if (reward != null) {
            sum.accept((Double) reward);
          }
          Object advantage = answer.getObject(4);
          if (advantage != null) {
            advantages.add((Double) advantage);
          }
        }
      }
    } catch (SQLException e) {
      throw unreadable(file.get(), e);
    }
    return new Overview(
        prompts.entrySet().stream()
            .map(
                prompt -> {
                  DoubleSummaryStatistics sum = rewards.get(prompt.getKey());
                  return new Ticket(
                      prompt.getKey(),
                      prompt.getValue(),
                      sum.getCount() == 0 ? null : sum.getAverage());
                })
            .toList(),
        advantages);
  }

  /**
   * The rollouts of a step, in the order in which they were trained on.
   *
   * @param ticket only those of one ticket; empty for all
   * @param most at most so many
   */
  public List<RolloutRow> rows(String stage, long step, Optional<String> ticket, int most) {
    return file(stage, step).map(file -> read(file, step, ticket, most)).orElseGet(List::of);
  }

  /** The completions of an evaluation after a stage; empty if there are none. */
  public List<RolloutRow> evaluation(String stage, int most) {
    Path file = files.evaluation(stage);
    if (!Files.isRegularFile(file)) {
      return List.of();
    }
    try (PreparedStatement query =
            duck.prepareStatement(
                "select max(step) from read_parquet(" + Duck.quoted(file.toString()) + ")");
        ResultSet answer = query.executeQuery()) {
      answer.next();
      return read(file, answer.getLong(1), Optional.empty(), most);
    } catch (SQLException e) {
      throw unreadable(file, e);
    }
  }

  /** Every completion that is recorded, of training and of evaluations. */
  public List<Judgement> judgements() {
    var judgements = new ArrayList<Judgement>();
    for (Path file : files.list()) {
      String sql =
          "select stage, purpose, step, ticket, sample, tokens::varchar, reward, rewards::varchar from read_parquet(%s)"
              .formatted(Duck.quoted(file.toString()));
      try (PreparedStatement query = duck.prepareStatement(sql);
          ResultSet answer = query.executeQuery()) {
        while (answer.next()) {
          judgements.add(
              new Judgement(
                  place(answer),
                  answer.getString(6),
                  (Double) answer.getObject(7),
                  answer.getString(8)));
        }
      } catch (SQLException e) {
        throw unreadable(file, e);
      }
    }
    return judgements;
  }

  private List<RolloutRow> read(Path file, long step, Optional<String> ticket, int most) {
    String sql =
        SELECTED.formatted(Duck.quoted(file.toString()))
            + (ticket.isPresent() ? " and ticket = ?" : "")
            + " limit "
            + most;
    try (PreparedStatement query = duck.prepareStatement(sql)) {
      query.setLong(1, step);
      if (ticket.isPresent()) {
        query.setString(2, ticket.get());
      }
      var rows = new ArrayList<RolloutRow>();
      try (ResultSet answer = query.executeQuery()) {
        while (answer.next()) {
          rows.add(row(answer));
        }
      }
      return rows;
    } catch (SQLException e) {
      throw unreadable(file, e);
    }
  }

  private RecordException unreadable(Path file, SQLException cause) {
    return new RecordException(
        "cannot read %s of the run in %s: %s".formatted(file, run, cause.getMessage()), cause);
  }

  private static RolloutRow row(ResultSet row) throws SQLException {
    return new RolloutRow(
        place(row),
        new RolloutRow.Prompt(
            row.getString("example"),
            row.getString("prompt"),
            integers(row, "prompt_tokens"),
            row.getString("answer"),
            row.getString("template")),
        new RolloutRow.Sampled(
            integers(row, "tokens"),
            row.getString("text"),
            integers(row, "text_ends"),
            row.getString("finish"),
            floats(row, "behaviour_logps"),
            row.getString("generator"),
            row.getString("unit"),
            row.getLong("seed"),
            row.getLong("draw"),
            row.getInt("turns"),
            row.getString("transcript")),
        new RolloutRow.Judged(
            (Double) row.getObject("reward"),
            row.getString("failure"),
            components(row),
            floats(row, "model_scores")),
        new RolloutRow.Credit(
            (Integer) row.getObject("uses"),
            (Double) row.getObject("worth"),
            floats(row, "policy_logps"),
            floats(row, "reference_logps"),
            floats(row, "token_rewards"),
            floats(row, "advantages"),
            booleans(row, "mask"),
            lesson(row)),
        new RolloutRow.Models(
            row.getString("policy"),
            row.getLong("policy_epoch"),
            row.getLong("policy_number"),
            row.getString("reference"),
            row.getString("shaping"),
            row.getString("shaping_base"),
            row.getString("reward_model")));
  }

  private static RolloutRow.Place place(ResultSet row) throws SQLException {
    return new RolloutRow.Place(
        row.getString("stage"),
        Purpose.valueOf(row.getString("purpose").toUpperCase(Locale.ROOT)),
        row.getLong("step"),
        row.getString("ticket"),
        row.getInt("sample"));
  }

  private static RolloutRow.Lesson lesson(ResultSet row) throws SQLException {
    String part = row.getString("part");
    if (part == null) {
      return null;
    }
    Object amount = row.getObject("amount");
    return new RolloutRow.Lesson(
        part,
        row.getString("quantity"),
        amount == null ? Double.NaN : (Double) amount,
        floats(row, "pulls"));
  }

  private static List<Component> components(ResultSet row) throws SQLException {
    Object[] names = list(row, "names");
    Object[] scores = list(row, "scores");
    Object[] weights = list(row, "weights");
    Object[] versions = list(row, "versions");
    var components = new ArrayList<Component>();
    for (int i = 0; i < names.length; i++) {
      components.add(
          new Component(
              (String) names[i],
              scores[i] == null ? Double.NaN : (Double) scores[i],
              (Double) weights[i],
              (String) versions[i]));
    }
    return components;
  }

  private static Object[] list(ResultSet row, String column) throws SQLException {
    Array values = row.getArray(column);
    return values == null ? null : (Object[]) values.getArray();
  }

  private static int[] integers(ResultSet row, String column) throws SQLException {
    Object[] values = list(row, column);
    int[] plain = new int[values.length];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = (Integer) values[i];
    }
    return plain;
  }

  private static float[] floats(ResultSet row, String column) throws SQLException {
    Object[] values = list(row, column);
    if (values == null) {
      return null;
    }
    float[] plain = new float[values.length];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = (Float) values[i];
    }
    return plain;
  }

  private static boolean[] booleans(ResultSet row, String column) throws SQLException {
    Object[] values = list(row, column);
    if (values == null) {
      return null;
    }
    boolean[] plain = new boolean[values.length];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = (Boolean) values[i];
    }
    return plain;
  }

  @Override
  public void close() {
    try {
      duck.close();
    } catch (SQLException e) {
      throw new RecordException("DuckDB cannot be closed: " + e.getMessage(), e);
    }
  }
}
