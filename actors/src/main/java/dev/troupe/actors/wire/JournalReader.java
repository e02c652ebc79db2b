package dev.troupe.actors.wire;

import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.journal.JournalStorage;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.settings.JournalSettings;
import java.io.NotSerializableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a run has decided, for those who want to look at it when the run is over. */
public final class JournalReader {
  private JournalReader() {}

  /**
   * All decisions of a run, in the order in which they were taken.
   *
   * @param directory of the run
   * @param id of the run in its journal: its name where it has one of its own
   * @param settings where its journal is
   * @throws RunException if there are some that cannot be read
   */
  public static List<Decision> read(Path directory, String id, JournalSettings settings) {
    var serializer = new JournalSerializer();
    var decisions = new ArrayList<Decision>();
    try (JournalStorage journal = JournalStorage.open(directory, settings)) {
      for (JournalStorage.Entry entry : journal.entries(id)) {
        decisions.add((Decision) serializer.fromBinary(entry.bytes(), entry.manifest()));
      }
      return decisions;
    } catch (NotSerializableException e) {
      throw new RunException(
          "The journal in %s cannot be read: %s".formatted(directory, e.getMessage()), e);
    }
  }
}
