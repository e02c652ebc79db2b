package dev.troupe.runtime.data;

import dev.troupe.runtime.duckdb.InMemoryDuck;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Reads tables by DuckDB: CSV and Parquet files, and whatever a query answers. DuckDB works in
 * memory of its own, outside the Java heap, and fetches nothing from a network.
 */
final class TableRows implements AutoCloseable {
  /** Native memory of one read; beyond it DuckDB spills to the directory of temporary files. */
  private static final String MEMORY = "2GB";

  private final Connection connection;

  /**
   * @param folders where relative names of files in queries are looked for, the first first
   * @throws SQLException if DuckDB does not start on this system
   */
  TableRows(List<Path> folders) throws SQLException {
    var settings = new Properties();
    settings.setProperty("memory_limit", MEMORY);
    this.connection = InMemoryDuck.open(settings);
    try (Statement statement = connection.createStatement()) {
      String search =
          folders.stream()
              .map(folder -> folder.toAbsolutePath().toString())
              .collect(Collectors.joining(","));
      statement.execute("set file_search_path = " + quoted(search));
    }
  }

  /** Reads a Parquet file. */
  void parquet(Path file, RowSink sink) throws SQLException {
    query("select * from read_parquet(" + quoted(file.toString()) + ")", sink);
  }

  /** Reads a file of separated values, all as text; its first line names the columns. */
  void csv(Path file, RowSink sink) throws SQLException {
    query(
        "select * from read_csv(%s, header = true, all_varchar = true)"
            .formatted(quoted(file.toString())),
        sink);
  }

  /** Reads the answer to a query, in its order; rows are counted from 1. */
  void query(String sql, RowSink sink) throws SQLException {
    String inner = sql.strip().replaceFirst(";\\s*$", "");
    List<String> names = new ArrayList<>();
    List<String> columns = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet described = statement.executeQuery("describe " + inner)) {
        while (described.next()) {
          names.add(described.getString(1));
          columns.add(column(described.getString(1), described.getString(2)));
        }
      }
      String texts = "select %s from (%s)".formatted(String.join(", ", columns), inner);
      try (ResultSet rows = statement.executeQuery(texts)) {
        for (int row = 1; !sink.isFull() && rows.next(); row++) {
          pass(row, names, rows, sink);
        }
      }
    }
  }

  private static void pass(int row, List<String> names, ResultSet rows, RowSink sink)
      throws SQLException {
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      String value = rows.getString(i + 1);
      if (value != null) {
        fields.put(names.get(i), value);
      }
    }
    try {
      sink.row(row, fields);
    } catch (IllegalArgumentException e) {
      sink.fault(row, e.getMessage());
    }
  }

  /** A column as text: lists and structures in JSON, everything else as DuckDB writes it. */
  private static String column(String name, String type) {
    String quotedName = '"' + name.replace("\"", "\"\"") + '"';
    if (type.equals("VARCHAR")) {
      return quotedName;
    }
    boolean isNested = type.endsWith("]") || type.startsWith("STRUCT") || type.startsWith("MAP");
    return "cast(%s as varchar)".formatted(isNested ? "to_json(" + quotedName + ")" : quotedName);
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** The first lines of what DuckDB says, without its picture of the query. */
  static String sentence(SQLException e) {
    return String.valueOf(e.getMessage())
        .lines()
        .takeWhile(line -> !line.isBlank())
        .limit(3)
        .collect(Collectors.joining(" "));
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
