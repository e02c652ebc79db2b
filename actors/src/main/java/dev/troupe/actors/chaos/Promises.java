package dev.troupe.actors.chaos;

import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.journal.JournalFiles;
import dev.troupe.actors.journal.JournalStorage;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutArchive.Range;
import dev.troupe.runtime.rollout.RolloutRow;
import dev.troupe.runtime.settings.Pacing;
import dev.troupe.runtime.settings.PolicyGradientStage;
import dev.troupe.runtime.settings.RunSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What stages with {@link Pacing#NEWEST} promise, whatever happens to their run: no ticket is lost,
 * none is trained twice, and versions never go back nor become older than the staleness allows. It
 * is read from the journal and the recorded completions of a run that is over. Another run of the
 * same recipe says nothing about it, for what such a stage samples depends on time.
 */
public final class Promises {
  private final PolicyGradientStage stage;
  private final List<Decision> decisions;

  /** Number of the version that the stage began with; 0 if it never began. */
  private final long firstVersion;

  /** The steps of the completions that were seen. */
  private final Map<String, Long> places = new HashMap<>();

  private final List<String> broken = new ArrayList<>();

  /**
   * Looks at the tickets and versions of a stage.
   *
   * @param decisions of the whole run
   */
  Promises(PolicyGradientStage stage, List<Decision> decisions) {
    this.stage = stage;
    this.decisions = decisions;
    this.firstVersion =
        decisions(Decision.StageOpened.class)
            .filter(opened -> opened.stage().equals(stage.name()))
            .map(opened -> opened.inForce().policy().number() - opened.inForce().step())
            .findFirst()
            .orElse(0L);
    checkTickets();
    checkVersions();
  }

  /** Whether a run is to be judged by these promises instead of by another run. */
  public static boolean areMadeBy(RunSettings settings) {
    return !stages(settings).isEmpty();
  }

  private static List<PolicyGradientStage> stages(RunSettings settings) {
    return settings.stages().stream()
        .filter(PolicyGradientStage.class::isInstance)
        .map(PolicyGradientStage.class::cast)
        .filter(stage -> stage.pacing() == Pacing.NEWEST)
        .toList();
  }

  /**
   * Looks through what a run left.
   *
   * @param settings of the run, with the directory that it ran in
   * @return a sentence for each promise that was broken; empty if all were kept
   */
  public static List<String> broken(RunSettings settings) {
    if (!settings.journal().isEmbedded()) {
      return List.of("what was decided is not in the run directory: leave journal.url = embedded");
    }
    List<Decision> decisions =
        JournalFiles.look(JournalStorage.folder(settings.directory()), settings.name()).stream()
            .flatMap(batch -> batch.decisions().stream())
            .toList();
    var sentences = new ArrayList<String>();
    try (RolloutArchive archive = RolloutArchive.open(settings.directory())) {
      for (PolicyGradientStage stage : stages(settings)) {
        var promises = new Promises(stage, decisions);
        for (Range range : RolloutArchive.ranges(settings.directory())) {
          for (long step = range.first();
              step <= range.last() && range.stage().equals(stage.name());
              step++) {
            archive
                .rows(stage.name(), step, Optional.empty(), Integer.MAX_VALUE)
                .forEach(promises::check);
          }
        }
        sentences.addAll(promises.broken());
      }
    }
    return sentences;
  }

  List<String> broken() {
    return broken;
  }

  private <T extends Decision> Stream<T> decisions(Class<T> kind) {
    return decisions.stream().filter(kind::isInstance).map(kind::cast);
  }

  private void say(String sentence, Object... facts) {
    broken.add("stage " + stage.name() + ": " + sentence.formatted(facts));
  }

  /**
   * A step that was trained again, because the ledger had lost groups, counts as it is in the end.
   */
  private void checkTickets() {
    var steps = new TreeMap<Long, List<TicketId>>();
    var stepOf = new HashMap<TicketId, Long>();
    decisions(Decision.StepTrained.class)
        .filter(trained -> trained.stage().equals(stage.name()))
        .forEach(
            trained -> {
              long step = trained.inForce().step();
              steps.put(step, trained.tickets());
              for (TicketId ticket : trained.tickets()) {
                Long other = stepOf.put(ticket, step);
                if (other != null && other != step) {
                  say("ticket %s was trained in step %d and again in step %d", ticket, other, step);
                }
              }
            });
    for (long step = 1; step <= stage.steps(); step++) {
      List<TicketId> tickets = steps.getOrDefault(step, List.of());
      if (new HashSet<>(tickets).size() < tickets.size()) {
        say("step %d was trained on a ticket twice: %s", step, tickets);
      }
      Set<TicketId> lost = new HashSet<>(planned(step));
      tickets.forEach(lost::remove);
      // Dynamic sampling leaves tickets out on purpose, but never all of them.
      if (stage.extraBatches() == 0 ? !lost.isEmpty() : tickets.isEmpty()) {
        say("step %d was trained without the tickets %s", step, lost.stream().sorted().toList());
      }
    }
  }

  private List<TicketId> planned(long step) {
    long first = (step - 1) * stage.prompts() * (1 + stage.extraBatches());
    return LongStream.range(first, first + stage.prompts())
        .mapToObj(ordinal -> new TicketId(stage.name(), ordinal))
        .toList();
  }

  /** Between two openings of the stage; one goes back to a checkpoint, but to no earlier epoch. */
  private void checkVersions() {
    PolicyVersion last = null;
    for (Decision decision : decisions) {
      if (decision instanceof Decision.StageOpened opened && opened.stage().equals(stage.name())) {
        PolicyVersion next = opened.inForce().policy();
        if (last != null && next.epoch() < last.epoch()) {
          say("it was opened with version %s after %s", next, last);
        }
        last = next;
      } else if (decision instanceof Decision.StepTrained trained
          && trained.stage().equals(stage.name())) {
        PolicyVersion next = trained.inForce().policy();
        if (last == null || !next.isNewerThan(last)) {
          say("step %d put version %s in force after %s", trained.inForce().step(), next, last);
        }
        last = next;
      }
    }
  }

  /** Looks at a recorded completion of the stage. */
  void check(RolloutRow row) {
    String name = row.place().ticket() + " completion " + row.place().sample();
    long step = row.place().step();
    Long other = places.put(name, step);
    if (other != null) {
      say("%s is recorded in step %d and again in step %d", name, other, step);
    }
    long newest = firstVersion + step - 1;
    long oldest = newest - stage.staleness();
    long last = oldest;
    for (long version : row.policyNumbers()) {
      if (version < last || version > newest) {
        say(
            "%s of step %d has a token of version %d after one of %d, of %d to %d that may sample it",
            name, step, version, last, oldest, newest);
        return;
      }
      last = version;
    }
  }
}
