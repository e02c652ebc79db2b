package dev.troupe.runtime.rollout;

import dev.troupe.runtime.duckdb.InMemoryDuck;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;

/** DuckDB in memory, on one thread of its own and without a network. */
final class Duck {
  private static final String MEMORY = "1GB";

  private Duck() {}

  static DuckDBConnection open() throws SQLException {
    var settings = new Properties();
    settings.setProperty("memory_limit", MEMORY);
    settings.setProperty("threads", "1");
    return InMemoryDuck.open(settings);
  }

  static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** Writes the answer to a query as a Parquet file; {@code facts} go into its metadata. */
  static String copy(String query, Path file, Map<String, String> facts) {
    String metadata =
        new TreeMap<>(facts)
            .entrySet().stream()
                .map(fact -> fact.getKey() + ": " + quoted(fact.getValue()))
                .collect(Collectors.joining(", "));
    return "copy (%s) to %s (format parquet, compression zstd, row_group_size 8192%s)"
        .formatted(
            query,
            quoted(file.toString()),
            metadata.isEmpty() ? "" : ", kv_metadata {" + metadata + "}");
  }
}
