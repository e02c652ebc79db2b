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
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;

/**
 * Where the journal of a run is kept: by default in the run directory; or in a PostgreSQL database,
 * for runs whose supervisor may move between hosts.
 */
public final class JournalStorage implements AutoCloseable {
  private static final String FOLDER = "journal";
  private static final String SCHEMA = "postgresql.sql";

  /** Of the database; empty where there is none. */
  private final Optional<Connection> connection;

  private JournalStorage(Optional<Connection> connection) {
    this.connection = connection;
  }

  /** Where the journal of a run is that keeps it in its directory. */
  public static Path folder(Path directory) {
    return directory.toAbsolutePath().resolve(FOLDER);
  }

  /** The settings of Akka with which a process keeps the journal of a run there. */
  public static Config akka(Path directory, JournalSettings settings) {
    Config akka = ConfigFactory.parseResources("troupe-journal.conf");
    return settings.isEmbedded()
        ? place("file-journal.directory", folder(directory).toString())
            .withFallback(akka.getConfig("embedded"))
        : place("jdbc-journal.slick.db.url", settings.url())
            .withFallback(akka.getConfig("postgresql"));
  }

  private static Config place(String key, String value) {
    return ConfigFactory.parseMap(Map.of(key, value), "the journal of the run");
  }

  /**
   * Looks whether the journal is whole, or creates the tables that are not there yet. The storage
   * is to be closed after the actors have ended.
   *
   * @param id of the run in the journal
   * @throws RunException if it cannot be used
   */
  public static JournalStorage open(Path directory, JournalSettings settings, String id) {
    if (settings.isEmbedded()) {
      JournalFiles.look(folder(directory), id);
      return new JournalStorage(Optional.empty());
    }
    Connection connection = null;
    try {
      connection = DriverManager.getConnection(settings.url());
      try (Statement statement = connection.createStatement()) {
        statement.execute(schema());
      }
      return new JournalStorage(Optional.of(connection));
    } catch (SQLException e) {
      closeQuietly(connection);
      throw new RunException(
          "The journal at %s cannot be used: %s; check the database, or journal.url."
              .formatted(settings.url().replaceAll("[;?].*", ""), e.getMessage()),
          e);
    }
  }

  private static String schema() {
    try (InputStream in = JournalStorage.class.getResourceAsStream(SCHEMA)) {
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
    connection.ifPresent(JournalStorage::closeQuietly);
  }
}
