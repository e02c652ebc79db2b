package dev.troupe.actors.simulation;

import dev.troupe.actors.experience.FinishedGroup;
import dev.troupe.actors.experience.GroupStore;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.Pacing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What outlives the nodes of a simulated run: checkpoints, and what happened, for the test to look
 * at. What should never happen is written down as a violation.
 */
final class Storage {
  private final StagePlan stage;
  private final TreeMap<Long, List<VersionSet>> checkpoints = new TreeMap<>();
  private final Map<Long, Long> weightsAfter = new HashMap<>();
  private final Set<Long> counted = new HashSet<>();
  private final Map<String, Integer> decoded = new HashMap<>();
  private final Map<TicketId, FinishedGroup> finished = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final TreeMap<Integer, Long> lengths = new TreeMap<>();
  private final TreeMap<Long, Long> ages = new TreeMap<>();
  private long mixed;
  private long trainings;
  private long rollouts;
  private long recorded;
  private long recalled;

  Storage(StagePlan stage) {
    this.stage = stage;
  }

  List<String> violations() {
    return violations;
  }

  List<String> warnings() {
    return warnings;
  }

  /** How many completions of each length were trained on, each ticket counted once. */
  Map<Integer, Long> lengths() {
    return lengths;
  }

  /** How many stretches of tokens of each age, in steps, were trained on. */
  Map<Long, Long> ages() {
    return ages;
  }

  /** Completions of several versions that were trained on. */
  long mixed() {
    return mixed;
  }

  /** The weights that each step came to when it was first trained, by the step before it. */
  Map<Long, Long> weightsAfter() {
    return weightsAfter;
  }

  /** Steps trained, those that were trained again after a loss counted again. */
  long trainings() {
    return trainings;
  }

  /** Completions that were decoded, those that were decoded again counted again. */
  long rollouts() {
    return rollouts;
  }

  /** Steps that are on disk. */
  long recorded() {
    return recorded;
  }

  /** How often the unit was decoded that was decoded most often. */
  int mostOftenDecoded() {
    return decoded.values().stream().max(Integer::compare).orElse(0);
  }

  void recorded(long steps) {
    recorded = Math.max(recorded, steps);
  }

  void warned(String sentence) {
    warnings.add(sentence);
  }

  void decoded(WorkUnit unit) {
    rollouts += unit.tickets().stream().mapToLong(it -> it.samples()).sum();
    decoded.merge(unit.id().toString(), 1, Integer::sum);
  }

  /** The finished groups, which outlive the nodes too. */
  GroupStore ledger(Faults faults) {
    return new GroupStore() {
      @Override
      public CompletionStage<Void> write(FinishedGroup group) {
        if (faults.hangs.contains(Faults.Hang.WRITING_THE_LEDGER)) {
          return new CompletableFuture<>();
        }
        finished.put(group.ticket().id(), group);
        return CompletableFuture.completedFuture(null);
      }

      @Override
      public CompletionStage<List<FinishedGroup>> recall(List<Ticket> tickets) {
        if (faults.hangs.contains(Faults.Hang.READING_THE_LEDGER)) {
          return new CompletableFuture<>();
        }
        List<FinishedGroup> found =
            tickets.stream()
                .filter(it -> finished.containsKey(it.id()) && finished.get(it.id()).answers(it))
                .map(it -> finished.get(it.id()).as(it))
                .toList();
        recalled += found.size();
        return CompletableFuture.completedFuture(found);
      }

      @Override
      public void release(String phase, long before) {
        finished.keySet().removeIf(it -> it.ordinal() < before);
      }
    };
  }

  /** The ledger loses every other group, and what is trained again may come to something else. */
  void damageLedger() {
    finished.keySet().removeIf(ticket -> ticket.ordinal() % 2 == 0);
    long saved = checkpoints.isEmpty() ? 0 : checkpoints.lastKey();
    weightsAfter.keySet().removeIf(step -> step >= saved);
  }

  /** Groups that were not sampled again because the ledger had them. */
  long recalled() {
    return recalled;
  }

  /** The learner's work, from the latest checkpoint on. */
  Course course() {
    return new Training();
  }

  private final class Training implements Course {
    private final List<VersionSet> inForce = new ArrayList<>();

    @Override
    public List<VersionSet> open() {
      inForce.clear();
      inForce.addAll(
          checkpoints.isEmpty()
              ? List.of(Content.versions(stage, 0, Content.START))
              : checkpoints.lastEntry().getValue());
      return List.copyOf(inForce);
    }

    private VersionSet newest() {
      return inForce.get(inForce.size() - 1);
    }

    @Override
    public StepResult train(long step, List<ScoredGroup> groups) {
      trainings++;
      check(step, groups);
      long weights =
          Content.trained(
              Content.weights(newest().policy().digest()),
              groups.stream().map(ScoredGroup::group).toList(),
              groups.stream().map(ScoredGroup::outcomes).toList());
      Long before = weightsAfter.putIfAbsent(step, weights);
      if (counted.add(step)) {
        groups.forEach(group -> count(group.group()));
      }
      if (before != null && before != weights) {
        violations.add("step " + step + " came out otherwise when it was trained again");
      }
      inForce.add(Content.versions(stage, step + 1, weights));
      if (inForce.size() > stage.staleness() + 1) {
        inForce.remove(0);
      }
      return new StepResult(newest(), Map.of(), 1);
    }

    private void check(long step, List<ScoredGroup> groups) {
      if (step != newest().step()) {
        violations.add("step " + step + " was trained on weights of step " + newest().step());
      }
      List<TicketId> tickets = groups.stream().map(it -> it.ticket().id()).toList();
      if (!tickets.equals(stage.tickets().orElseThrow().tickets(step))) {
        violations.add("step " + step + " was trained on " + tickets);
      }
      for (ScoredGroup group : groups) {
        long age = step - (group.ticket().policy().number() - stage.firstVersion());
        if (age < 0 || age > stage.staleness()) {
          violations.add(group.ticket().id() + " is " + age + " steps old in step " + step);
        }
        for (Rollout rollout : group.group().rollouts()) {
          checkVersions(step, group.ticket(), rollout.provenance());
        }
      }
    }

    private void checkVersions(long step, Ticket ticket, Provenance provenance) {
      List<PolicyVersion> may =
          stage.pacing() == Pacing.NEWEST
              ? inForce.stream().map(VersionSet::policy).toList()
              : List.of(ticket.policy());
      mixed += provenance.renewals().isEmpty() ? 0 : 1;
      for (PolicyVersion sampled : provenance.versions()) {
        if (may.stream().noneMatch(it -> it.equals(sampled))) {
          violations.add(
              "%s was sampled by %s, not by one of %s".formatted(ticket.id(), sampled, may));
        }
        ages.merge(step - (sampled.number() - stage.firstVersion()), 1L, Long::sum);
      }
    }

    private void count(Group group) {
      group.rollouts().forEach(rollout -> lengths.merge(rollout.length(), 1L, Long::sum));
    }

    @Override
    public Runnable save(long stepsDone) {
      List<VersionSet> now = List.copyOf(inForce);
      return () -> checkpoints.put(stepsDone, now);
    }

    @Override
    public VersionSet conclude() {
      return newest();
    }

    @Override
    public void close() {}
  }
}
