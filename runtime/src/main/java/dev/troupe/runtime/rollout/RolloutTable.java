package dev.troupe.runtime.rollout;

import dev.troupe.runtime.checkpoint.Aside;
import dev.troupe.runtime.record.RecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Rows that are not written yet, in DuckDB's memory, and the files that they go to. Used by one
 * thread. A file is cut when it is full, and whenever somebody asks for it.
 */
final class RolloutTable implements AutoCloseable {
  private static final long FILE_TOKENS = 2_000_000;
  private static final int FILE_ROWS = 1 << 16;

  private final RolloutFiles files;
  private final long mostBytes;
  private final Map<String, String> facts;
  private DuckDBConnection duck;

  private String stage = "";
  private long from;
  private long to;
  private long tokens;
  private long rows;

  RolloutTable(RolloutFiles files, long mostBytes, Map<String, String> facts) {
    this.files = files;
    this.mostBytes = mostBytes;
    this.facts = Map.copyOf(facts);
  }

  void add(String ofStage, long step, List<RolloutRow> more) {
    if (!stage.equals(ofStage)) {
      write();
      stage = ofStage;
    }
    if (more.isEmpty()) {
      return;
    }
    append(more);
    from = rows == 0 ? step : from;
    to = step;
    rows += more.size();
    for (RolloutRow row : more) {
      tokens += row.length() + row.prompt().tokens().length;
    }
    if (tokens >= FILE_TOKENS || rows >= FILE_ROWS) {
      write();
    }
  }

  private void append(List<RolloutRow> more) {
    try (DuckDBAppender appender = duck().createAppender("rollouts")) {
      for (RolloutRow row : more) {
        RolloutColumns.append(appender, row);
      }
    } catch (SQLException e) {
      throw failed("keep rollouts for", files.directory(), e);
    }
  }

  private DuckDBConnection duck() throws SQLException {
    if (duck == null) {
      duck = Duck.open();
      execute(RolloutColumns.TABLE);
    }
    return duck;
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = duck.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Writes what there is to a file of its own. */
  void write() {
    if (rows == 0) {
      return;
    }
    Path file = files.steps(stage, from, to);
    write(file, RolloutColumns.WRITTEN);
    forget();
    bound(file);
  }

  private void write(Path file, String query) {
    Path draft = RolloutFiles.draft(file);
    try {
      Files.createDirectories(files.directory());
      duck();
      execute(Duck.copy(query, draft, facts));
      Aside.rename(draft, file);
    } catch (SQLException | IOException e) {
      throw failed("write", file, e);
    }
  }

  private void forget() {
    try {
      execute("truncate rollouts");
    } catch (SQLException e) {
      throw failed("empty the table of", files.directory(), e);
    }
    rows = 0;
    tokens = 0;
  }

  /** Removes the oldest files until the others fit; never the newest. */
  private void bound(Path newest) {
    if (mostBytes == 0) {
      return;
    }
    record Stored(Path path, FileTime written, long bytes) {}
    try {
      var stored = new ArrayList<Stored>();
      long total = 0;
      for (Path file : files.list()) {
        stored.add(new Stored(file, Files.getLastModifiedTime(file), Files.size(file)));
        total += Files.size(file);
      }
      stored.sort(Comparator.comparing(Stored::written).thenComparing(Stored::path));
      for (Stored file : stored) {
        if (total > mostBytes && !file.path().equals(newest)) {
          Files.delete(file.path());
          total -= file.bytes();
        }
      }
    } catch (IOException e) {
      throw failed("tidy", files.directory(), e);
    }
  }

  void truncateAfter(String ofStage, long step) {
    if (rows > 0) {
      forget(); // What was not flushed is younger than any checkpoint.
    }
    try {
      for (Path draft : files.drafts(ofStage)) {
        Files.delete(draft);
      }
      for (RolloutFiles.Steps file : files.steps()) {
        if (file.stage().equals(ofStage) && file.to() > step) {
          if (file.from() <= step) {
            cut(file, step);
          }
          Files.delete(file.path());
        }
      }
    } catch (IOException e) {
      throw failed("cut files in", files.directory(), e);
    }
  }

  /** A checkpoint was lost, and the one before it lies within the file. */
  private void cut(RolloutFiles.Steps file, long step) {
    String rest =
        "select * from read_parquet(%s) where step <= %d"
            .formatted(Duck.quoted(file.path().toString()), step);
    write(files.steps(file.stage(), file.from(), step), rest);
  }

  void evaluation(String ofStage, List<RolloutRow> all) {
    write();
    stage = ofStage;
    append(all);
    Path file = files.evaluation(ofStage);
    try {
      write(file, RolloutColumns.WRITTEN);
    } finally {
      forget();
    }
    bound(file);
  }

  private static RecordException failed(String verb, Path file, Exception cause) {
    return new RecordException(
        "cannot %s %s: %s; check its disk and permissions"
            .formatted(verb, file, cause.getMessage()),
        cause);
  }

  @Override
  public void close() {
    if (duck != null) {
      try {
        duck.close();
      } catch (SQLException e) {
        throw failed("close", files.directory(), e);
      }
    }
  }
}
