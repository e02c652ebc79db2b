package dev.troupe.runtime.alarm;

import dev.troupe.runtime.record.StepMetrics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Follows the steps of a run and keeps what looked wrong. What it says depends on the steps alone,
 * not on when they were added. Memory and time for a step do not grow with the history. Not safe
 * for use by several threads.
 */
public final class Alarms {
  /** Steps over which is averaged, at the beginning of a stage and at its newest end. */
  public static final int WINDOW = 10;

  private final List<Alarm> over = new ArrayList<>();
  private final Map<Rule, Alarm> ongoing = new EnumMap<>(Rule.class);
  private final List<StepMetrics> first = new ArrayList<>();
  private final Deque<StepMetrics> newest = new ArrayDeque<>();
  private String stage = "";

  /** The alarms of a whole run, oldest first. */
  public static List<Alarm> of(List<StepMetrics> steps) {
    var alarms = new Alarms();
    steps.forEach(alarms::add);
    return alarms.list();
  }

  /** Takes note of the next step. */
  public void add(StepMetrics step) {
    if (!step.stage().equals(stage)) {
      begin(step.stage());
    }
    if (first.size() < WINDOW) {
      first.add(step);
    }
    newest.addLast(step);
    if (newest.size() > WINDOW) {
      newest.removeFirst();
    }
    var beginning = new Window(first);
    var end = new Window(newest);
    for (Rule rule : Rule.values()) {
      // Means need their steps; a number that is none is seen at once.
      boolean isKnown = newest.size() == WINDOW || rule == Rule.NOT_FINITE;
      note(rule, step, isKnown ? rule.check(step, beginning, end) : Optional.empty());
    }
  }

  /** Forgets everything: the records were cut. */
  public void clear() {
    over.clear();
    ongoing.clear();
    first.clear();
    newest.clear();
    stage = "";
  }

  /** What looked wrong so far, oldest first; what still does is marked. */
  public List<Alarm> list() {
    List<Alarm> all = new ArrayList<>(over);
    all.addAll(ongoing.values());
    return List.copyOf(all);
  }

  private void begin(String name) {
    ongoing.values().forEach(alarm -> over.add(alarm.over()));
    ongoing.clear();
    first.clear();
    newest.clear();
    stage = name;
  }

  private void note(Rule rule, StepMetrics step, Optional<String> seen) {
    Alarm alarm = ongoing.get(rule);
    if (seen.isPresent()) {
      ongoing.put(
          rule,
          alarm == null
              ? new Alarm(rule, stage, step.step(), step.step(), true, seen.get())
              : alarm.seenAgain(step.step(), seen.get()));
    } else if (alarm != null) {
      over.add(alarm.over());
      ongoing.remove(rule);
    }
  }
}
