package dev.troupe.runtime.duckdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;

/**
 * DuckDB without a file, without a network. Its driver unpacks a library of 70 MB into the
 * directory of temporary files and removes it when the process ends in order. One that is killed
 * would leave it behind each time, so the name is given up as soon as the library is loaded; the
 * system keeps what is mapped.
 */
public final class InMemoryDuck {
  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final String LIBRARY = "libduckdb_java";
  private static boolean isTidy;

  private InMemoryDuck() {}

  /**
   * Opens a database of its own; the caller closes it.
   *
   * @param settings of DuckDB, beside those that keep it from the network and say where it spills
   * @throws SQLException if DuckDB does not start on this system
   */
  public static DuckDBConnection open(Properties settings) throws SQLException {
    var all = new Properties();
    all.setProperty("autoinstall_known_extensions", "false");
    all.setProperty("autoload_known_extensions", "false");
    all.setProperty("temp_directory", System.getProperty("java.io.tmpdir"));
    all.putAll(settings);
    var connection = (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:", all);
    giveUpName();
    return connection;
  }

  private static synchronized void giveUpName() {
    if (isTidy) {
      return;
    }
    isTidy = true;
    try {
      for (Path library : unpacked()) {
        Files.deleteIfExists(library);
      }
    } catch (IOException e) {
      return; // It only takes room.
    }
  }

  /** The libraries of this process that lie among the temporary files. */
  static List<Path> unpacked() throws IOException {
    if (!Files.isReadable(MAPS)) {
      return List.of(); // Not Linux.
    }
    Path temporary = Path.of(System.getProperty("java.io.tmpdir")).toRealPath();
    try (Stream<String> lines = Files.lines(MAPS)) {
      return lines
          .filter(line -> line.contains("/" + LIBRARY) && !line.endsWith(" (deleted)"))
          .map(line -> Path.of(line.substring(line.indexOf('/'))))
          .filter(file -> temporary.equals(file.getParent()))
          .distinct()
          .toList();
    }
  }
}
