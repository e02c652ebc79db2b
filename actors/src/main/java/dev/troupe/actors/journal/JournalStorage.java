package dev.troupe.actors.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.settings.JournalSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where the journal of a run is kept: by default in the run directory, in an embedded H2 database;
 * or in a PostgreSQL database, for runs whose supervisor may move between hosts.
 */
public final class JournalStorage implements AutoCloseable {
  private static final String FOLDER = "journal";

  /**
   * Without a write delay of 0, a killed process takes decisions with it that were acknowledged.
   * The database is closed with its last connection, not by a hook that races with the end of the
   * run.
   */
  private static final String EMBEDDED = ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0";

  private final Connection connection;

  /**
   * One decision as it is kept.
   *
   * @param manifest what kind of decision it is
   * @param bytes its content; both are for the {@link dev.troupe.actors.wire.JournalSerializer}
   */
  public record Entry(String manifest, byte[] bytes) {}

  private JournalStorage(Connection connection) {
    this.connection = connection;
  }

  /** The settings of Akka with which a process keeps the journal of a run there. */
  public static Config akka(Path directory, JournalSettings settings) {
    String url = url(directory, settings);
    return ConfigFactory.parseMap(
            Map.of(
                "jdbc-journal.slick.db.url",
                url,
                "akka.persistence.journal.plugin",
                "jdbc-journal"),
            "the journal of the run")
        .withFallback(
            ConfigFactory.parseResources("troupe-journal.conf")
                .getConfig(settings.isEmbedded() ? "embedded" : "postgresql"));
  }

  /**
   * Creates what is not there yet. The storage is to be closed after the actors have ended.
   *
   * @throws RunException if it cannot be used
   */
  public static JournalStorage open(Path directory, JournalSettings settings) {
    String url = url(directory, settings);
    Connection connection = null;
    try {
      connection = DriverManager.getConnection(url);
      try (Statement statement = connection.createStatement()) {
        statement.execute(schema(settings.isEmbedded() ? "h2.sql" : "postgresql.sql"));
      }
      return new JournalStorage(connection);
    } catch (SQLException e) {
      closeQuietly(connection);
      throw new RunException(
          "The journal at %s cannot be used: %s; check its disk and permissions, or journal.url."
              .formatted(url.replaceAll("[;?].*", ""), e.getMessage()),
          e);
    }
  }

  /**
   * All decisions of a run, in the order in which they were taken. What is read here is of no use
   * to a run, which reads its journal through Akka; it is for those who want to know what a run
   * decided.
   *
   * @param id of the run, see {@link JournalTerms}
   * @throws RunException if they cannot be read
   */
  public List<Entry> entries(String id) {
    var entries = new ArrayList<Entry>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT "event_ser_manifest", "event_payload" FROM "event_journal"
            WHERE "persistence_id" = ? ORDER BY "sequence_number"
            """)) {
      statement.setString(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          entries.add(new Entry(rows.getString(1), rows.getBytes(2)));
        }
      }
      return entries;
    } catch (SQLException e) {
      throw new RunException("The journal cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private static String url(Path directory, JournalSettings settings) {
    return settings.isEmbedded()
        ? "jdbc:h2:file:"
            + directory.toAbsolutePath().resolve(FOLDER).resolve("decisions")
            + EMBEDDED
        : settings.url();
  }

  private static String schema(String name) {
    try (InputStream in = JournalStorage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void closeQuietly(Connection connection) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        return; // The cause that led here is what people should see.
      }
    }
  }

  @Override
  public void close() {
    closeQuietly(connection);
  }
}
