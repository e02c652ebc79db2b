package dev.troupe.actors.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.run.RunStatus;
import dev.troupe.runtime.alarm.Alarm;
import dev.troupe.runtime.alarm.Alarms;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.MetricsTail;
import dev.troupe.runtime.record.RecordException;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a run directory and says which part of it changed. One thread calls {@link #look}; any
 * thread may read.
 */
final class RunWatch {
  private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);
  private static final JsonMapper JSON = new JsonMapper();

  /** Counters that grow with each change of a part. */
  record Revision(
      long generation, int steps, long run, long evaluations, long alarms, long company) {}

  private final Path directory;
  private final BooleanSupplier liveness;
  private final RunSettings settings;
  private final MetricsTail tail;
  private final RolloutSource rollouts;
  private final StepHistory history = new StepHistory();
  private final Alarms alarms = new Alarms();
  private final RunMeters meters;
  private final List<String> warnings = new ArrayList<>();
  private final Map<Path, FileTime> seen = new HashMap<>();

  private boolean isAlive;
  private String failure = "";
  private JsonNode company = JSON.nullNode();
  private JsonNode evaluations = JSON.createArrayNode();
  private List<Stall> stalls = List.of();
  private Revision revision = new Revision(0, 0, 0, 0, 0, 0);

  /**
   * @param liveness tells whether a process is at the run
   * @throws RuntimeException with a sentence if it is no run directory
   */
  RunWatch(Path directory, BooleanSupplier liveness) {
    this.directory = directory;
    this.liveness = liveness;
    rollouts = new RolloutSource(directory);
    settings = Recipe.load(RunStatus.requireConf(directory));
    meters = new RunMeters(settings.name());
    tail = new MetricsTail(directory.resolve("metrics.jsonl"));
  }

  /** Reads what is new. A directory that cannot be read at the moment is tried again. */
  void look() {
    try {
      lookAtSteps();
      lookAtEvaluations();
      fail("");
    } catch (RuntimeException e) {
      LOG.debug("cannot follow {}", directory, e);
      fail(Failure.sentence(e));
    }
    boolean alive = liveness.getAsBoolean();
    synchronized (this) {
      if (alive != isAlive) {
        isAlive = alive;
        change(0, 1, 0, 0, 0);
      }
      meters.watch(
          isAlive,
          alarms.list().stream().filter(Alarm::isOngoing).map(it -> it.rule().title()).toList());
    }
  }

  private void lookAtSteps() {
    MetricsTail.News news;
    do {
      news = tail.poll();
      synchronized (this) {
        int names = history.names().size();
        if (news.isAnew()) {
          history.clear();
          alarms.clear();
          meters.clear();
        }
        int before = alarms.list().hashCode();
        news.steps().forEach(this::add);
        int alarmed = alarms.list().hashCode() == before && !news.isAnew() ? 0 : 1;
        if (news.isAnew() || !news.steps().isEmpty()) {
          change(1, history.names().size() == names ? 0 : 1, 0, alarmed, 0);
        }
      }
    } while (news.isMore());
  }

  private void add(StepMetrics step) {
    history.add(step);
    alarms.add(step);
    meters.add(step);
  }

  private void lookAtEvaluations() {
    Map<Path, FileTime> files = new TreeMap<>();
    for (String stage : stagesAndModel()) {
      Path file = directory.resolve("evaluations").resolve(stage + ".json");
      try {
        files.put(file, Files.getLastModifiedTime(file));
      } catch (IOException e) {
        continue; // Not measured, or not yet.
      }
    }
    if (files.equals(seen)) {
      return;
    }
    ArrayNode read = read(files.keySet());
    synchronized (this) {
      seen.clear();
      seen.putAll(files);
      evaluations = read;
      change(0, 0, 1, 0, 0);
    }
  }

  private List<String> stagesAndModel() {
    var names = new ArrayList<>(List.of("model"));
    settings.stages().forEach(stage -> names.add(stage.name()));
    return names;
  }

  private ArrayNode read(Iterable<Path> files) {
    Map<String, Evaluation> measures = new HashMap<>();
    for (Evaluation evaluation : RunStatus.of(directory).evaluations()) {
      measures.putIfAbsent(evaluation.moment(), evaluation);
    }
    ArrayNode all = JSON.createArrayNode();
    for (String stage : stagesAndModel()) {
      for (Path file : files) {
        if (file.getFileName().toString().equals(stage + ".json")) {
          all.add(one(stage, file, measures.get("after " + stage)));
        }
      }
    }
    return all;
  }

  private ObjectNode one(String stage, Path file, Evaluation evaluation) {
    ObjectNode entry = JSON.createObjectNode();
    entry.put("stage", stage);
    try {
      entry.set("samples", JSON.readTree(file.toFile()).path("samples"));
    } catch (IOException e) {
      throw new RecordException("cannot read " + file + ": " + e, e);
    }
    if (evaluation != null) {
      entry.put("measure", evaluation.measure().quantity().label());
      entry.put("value", evaluation.measure().valueText());
      entry.put("interval", evaluation.measure().intervalText());
      entry.put("prompts", evaluation.measure().prompts());
    }
    return entry;
  }

  private synchronized void fail(String sentence) {
    if (!failure.equals(sentence)) {
      failure = sentence;
      change(0, 1, 0, 0, 0);
    }
  }

  /** Notes what everybody is doing. */
  synchronized void attend(JsonNode state, List<Stall> found) {
    boolean isAlarm = !stalls.equals(found);
    if (!company.equals(state) || isAlarm) {
      company = state;
      stalls = List.copyOf(found);
      change(0, 0, 0, isAlarm ? 1 : 0, 1);
    }
  }

  /** Notes something that went wrong and that the run survives. */
  synchronized void warn(String sentence) {
    warnings.add(sentence);
    change(0, 0, 0, 1, 0);
  }

  private void change(int steps, int run, int measured, int alarmed, int attended) {
    revision =
        new Revision(
            history.generation(),
            steps == 0 ? revision.steps : history.size(),
            revision.run + run,
            revision.evaluations + measured,
            revision.alarms + alarmed,
            revision.company + attended);
    notifyAll();
  }

  /** The present revision, or a later one if it changes within the given time. */
  synchronized Revision await(Revision known, Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (revision.equals(known)) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        break;
      }
      wait(1 + left / 1_000_000);
    }
    return revision;
  }

  StepHistory history() {
    return history;
  }

  RolloutSource rollouts() {
    return rollouts;
  }

  RunMeters meters() {
    return meters;
  }

  synchronized JsonNode run() {
    ObjectNode run = RunFacts.json(settings, directory, isAlive, history.names());
    return failure.isEmpty() ? run : run.put("failure", failure);
  }

  synchronized JsonNode evaluations() {
    return evaluations;
  }

  synchronized JsonNode company() {
    return company;
  }

  synchronized JsonNode alarms() {
    ObjectNode all = JSON.createObjectNode();
    ArrayNode list = all.putArray("alarms");
    for (Stall stall : stalls) {
      ObjectNode entry = list.addObject();
      entry.put("title", "stalled role");
      entry.put("sentence", stall.sentence());
      entry.put("advice", stall.advice());
      entry.put("isOngoing", true);
    }
    alarms
        .list()
        .forEach(
            alarm -> {
              ObjectNode entry = list.addObject();
              entry.put("title", alarm.rule().title());
              entry.put("stage", alarm.stage());
              entry.put("firstStep", alarm.firstStep());
              entry.put("lastStep", alarm.lastStep());
              entry.put("isOngoing", alarm.isOngoing());
              entry.put("sentence", alarm.sentence());
              entry.put("advice", alarm.rule().advice());
            });
    ArrayNode told = all.putArray("warnings");
    warnings.forEach(told::add);
    return all;
  }
}
