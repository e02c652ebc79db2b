package dev.troupe.actors.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.settings.JournalSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalStorageTest {
  /** Opening a database takes a moment on a machine that does other things too. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final List<Decision> DECISIONS =
      List.of(
          new Decision.RunBegun("run", "settings"),
          new Decision.StageOpened(0, "sft", Samples.versions(0)),
          new Decision.StepTrained("sft", List.of(), Samples.versions(1), 0.5));

  private final String id = UUID.randomUUID().toString();

  @TempDir private Path directory;

  /** Writes what it is told and shows what it knows after each start. */
  private Behavior<Decision> keeper(TestProbe<Chronicle> known) {
    return Behaviors.setup(context -> new Keeper(id, known));
  }

  private static final class Keeper extends EventSourcedBehavior<Decision, Decision, Chronicle> {
    private final TestProbe<Chronicle> known;

    Keeper(String id, TestProbe<Chronicle> known) {
      super(PersistenceId.ofUniqueId(id));
      this.known = known;
    }

    @Override
    public Chronicle emptyState() {
      return Chronicle.EMPTY;
    }

    @Override
    public EventHandler<Chronicle, Decision> eventHandler() {
      return Chronicle::with;
    }

    @Override
    public SignalHandler<Chronicle> signalHandler() {
      return newSignalHandlerBuilder()
          .onSignal(RecoveryCompleted.instance(), state -> known.getRef().tell(state))
          .build();
    }

    @Override
    public CommandHandler<Decision, Decision, Chronicle> commandHandler() {
      return newCommandHandlerBuilder()
          .forAnyState()
          .onAnyCommand(
              (state, decision) ->
                  Effect().persist(decision).thenRun(then -> known.getRef().tell(then)));
    }
  }

  /** One life of a process: what it finds, then some decisions. */
  private Chronicle live(JournalSettings settings, List<Decision> decisions) {
    JournalStorage storage = JournalStorage.open(directory, settings, id);
    ActorTestKit kit =
        ActorTestKit.create(
            ConfigFactory.load(
                JournalStorage.akka(directory, settings)
                    .withFallback(ConfigFactory.parseResources("troupe-akka.conf"))));
    try {
      TestProbe<Chronicle> known = kit.createTestProbe();
      var keeper = kit.spawn(keeper(known));
      Chronicle found = known.receiveMessage(PATIENCE);
      for (Decision decision : decisions) {
        keeper.tell(decision);
        known.receiveMessage(PATIENCE);
      }
      return found;
    } finally {
      kit.shutdownTestKit();
      storage.close();
    }
  }

  private void remembers(JournalSettings settings) {
    Chronicle expected = Chronicle.EMPTY;
    for (Decision decision : DECISIONS) {
      expected = expected.with(decision);
    }

    assertEquals(Chronicle.EMPTY, live(settings, DECISIONS));
    assertEquals(expected, live(settings, List.of()));
  }

  @Test
  void theEmbeddedJournalIsThereAfterARestart() {
    remembers(new JournalSettings("embedded", JournalSettings.Differences.STOP));
  }

  @Test
  void theJournalInPostgresqlIsThereAfterARestart() {
    String url = System.getenv("TROUPE_TEST_POSTGRESQL");
    Assumptions.assumeTrue(
        url != null, "TROUPE_TEST_POSTGRESQL names no database, as in jdbc:postgresql://host/name");

    remembers(new JournalSettings(url, JournalSettings.Differences.STOP));
  }

  @Test
  void aDatabaseThatIsNotThereIsToldInASentence() {
    // Port 1 is nobody's.
    var settings =
        new JournalSettings(
            "jdbc:postgresql://127.0.0.1:1/troupe?user=me", JournalSettings.Differences.STOP);

    var refused =
        assertThrows(RunException.class, () -> JournalStorage.open(directory, settings, id));

    assertTrue(
        refused
            .getMessage()
            .startsWith(
                "The journal at jdbc:postgresql://127.0.0.1:1/troupe cannot be used: Connection"),
        refused.getMessage());
  }
}
