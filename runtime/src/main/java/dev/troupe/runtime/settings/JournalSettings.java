package dev.troupe.runtime.settings;

import java.util.regex.Pattern;

/**
 * Where the decisions of the run are written down and how strictly they are read again.
 *
 * @param url of a PostgreSQL database as in {@code jdbc:postgresql://host/database}, or {@code
 *     embedded} for the run directory
 * @param differences what happens when a step that is trained again comes to something else
 */
public record JournalSettings(String url, Differences differences) {
  private static final String EMBEDDED = "embedded";
  private static final Pattern URL = Pattern.compile("embedded|jdbc:postgresql:.+");

  /** What happens when a step that is trained again comes to something else. */
  public enum Differences {
    /** The run stops and says what differs. */
    STOP,
    /** It goes on with a warning. */
    ACCEPT
  }

  static JournalSettings from(Checked c) {
    return new JournalSettings(
        c.text("url", URL, "embedded, or jdbc:postgresql://HOST/DATABASE"),
        c.choice("differences", Differences.class));
  }

  /** Whether the journal is in the run directory. */
  public boolean isEmbedded() {
    return url.equals(EMBEDDED);
  }
}
