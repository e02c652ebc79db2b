package dev.troupe.actors.run;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunListener;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.stage.Measuring;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.disk.DiskRoom;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.record.RunRecord;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.record.StageRecord;
import dev.troupe.runtime.record.StepMetrics;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * What a run leaves for people: {@code metrics.jsonl}, TensorBoard events, evaluations and {@code
 * report.html}; and the events for whoever watches. One thread at a time.
 */
public final class RunRecords implements AutoCloseable {
  private static final int SAMPLES = 8;

  /**
   * What the records say about the run as a whole.
   *
   * @param start what is told to listeners when the run begins
   * @param command the command line that starts or resumes it
   * @param directory the run directory
   * @param startedAt when it was started first
   * @param stages its stages in order
   * @param heldOut the held-out example at an index
   * @param quantity what evaluations measure
   * @param fullMark total reward from which a completion counts as right
   * @param wishes what evaluations find out beside
   * @param seed of the resampling in comparisons
   * @param sections what the report shows beside once the run is over
   * @param completions is given all groups of an evaluation before its result is written
   * @param room must be there when a step is recorded
   */
  public record Facts(
      RunEvent.RunStarted start,
      String command,
      Path directory,
      Instant startedAt,
      List<StagePlan> stages,
      IntFunction<Example> heldOut,
      Quantity quantity,
      double fullMark,
      EvaluationWishes wishes,
      long seed,
      Supplier<List<RunSummary.Section>> sections,
      BiConsumer<StagePlan, Collection<ScoredGroup>> completions,
      DiskRoom room) {
    /** Copies the list. */
    public Facts {
      stages = List.copyOf(stages);
    }
  }

  private final Facts facts;
  private final RunListener listener;
  private final RunRecord files;
  private final Map<String, Double> elapsed = new HashMap<>();

  /** The last step on record of the stage under way; what is done again up to there is the same. */
  private long recorded;

  private final Map<String, EvaluationFile> evaluations = new LinkedHashMap<>();
  private final Map<Integer, EvaluationFile.Sample> samples = new HashMap<>();
  private final SortedMap<Integer, ScoredGroup> seen = new TreeMap<>();

  /** Opens the files of the run directory for appending. */
  public RunRecords(Facts facts, RunListener listener, Clock clock) {
    this.facts = facts;
    this.listener = listener;
    this.files = RunRecord.open(facts.directory(), clock);
    for (StagePlan stage : facts.stages()) {
      EvaluationFile.read(facts.directory(), stage.name())
          .ifPresent(evaluation -> evaluations.put(stage.name(), evaluation));
    }
    listener.on(facts.start());
  }

  /** Forgets the steps that will be done again, unless later stages have built on them. */
  void beginStage(StagePlan stage, long stepsDone) {
    if (stepsDone < stage.steps()) {
      files.truncateAfter(stage.name(), stepsDone);
    }
    if (stage.steps() == 0) {
      return;
    }
    List<StepMetrics> earlier = files.steps(stage.name());
    recorded = earlier.isEmpty() ? 0 : earlier.get(earlier.size() - 1).step();
    elapsed.put(
        stage.name(), earlier.isEmpty() ? 0 : earlier.get(earlier.size() - 1).elapsedSeconds());
    listener.on(
        new RunEvent.StageStarted(
            stage.name(), stage.kind(), stage.keyMetric(), stage.steps(), earlier));
  }

  void addStep(StagePlan stage, long stepsDone, Map<String, Double> values, double seconds) {
    facts.room().require(0, "records");
    facts.room().warning().ifPresent(this::warn);
    double total = elapsed.merge(stage.name(), seconds, Double::sum);
    var step = new StepMetrics(stage.name(), stepsDone, stage.steps(), total, values);
    if (stepsDone > recorded) {
      files.append(step);
    }
    listener.on(new RunEvent.StepFinished(step));
  }

  void endStage(StagePlan stage) {
    if (stage.steps() > 0) {
      listener.on(new RunEvent.StageFinished(record(stage, files.steps(stage.name()))));
    }
    report(RunSummary.Status.RUNNING, "");
  }

  /** Keeps what the details are made of, and the first completion of the first prompts to read. */
  void addCompletion(ScoredGroup group) {
    seen.put(group.ticket().example(), group);
    if (group.ticket().id().ordinal() >= SAMPLES) {
      return;
    }
    Rollout first = group.group().rollouts().get(0);
    Example example = facts.heldOut().apply(group.ticket().example());
    samples.put(
        group.ticket().example(),
        new EvaluationFile.Sample(
            group.ticket().example(),
            example.prompt(),
            example.answer(),
            first.shown(),
            GroupFacts.reward(group.outcomes().get(0))));
  }

  void addEvaluation(StagePlan stage, List<GroupFacts> groups) {
    List<EvaluationFile.Sample> readable =
        samples.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(Map.Entry::getValue)
            .toList();
    String subject = Measuring.subject(stage.name());
    EvaluationWishes wishes = facts.wishes();
    List<BestOfCompletions> bestOf =
        wishes
            .bestOf()
            .measure(facts.quantity(), facts.fullMark(), seen, wishes.choice(facts.directory()));
    samples.clear();
    var file =
        EvaluationFile.of(subject, facts.quantity(), facts.fullMark(), groups, readable)
            .with(
                EvaluationDetails.of(seen, facts.fullMark())
                    .with(
                        wishes.distance(seen.values()),
                        wishes.filters(facts.directory(), seen.values(), facts.seed())),
                bestOf);
    // First the completions: an evaluation whose result is there is not done again.
    facts.completions().accept(stage, seen.values());
    seen.clear();
    file.write(facts.directory());
    evaluations.put(subject, file);
    if (file.trials() > 0) {
      HeldOutResults.evaluations(file, facts.seed())
          .forEach(evaluation -> listener.on(new RunEvent.EvaluationFinished(evaluation)));
    }
    report(RunSummary.Status.RUNNING, "");
  }

  void warn(String sentence) {
    listener.on(new RunEvent.WarningRaised(sentence));
  }

  /** Writes the report of a run that is over. */
  void report(RunOutcome outcome) {
    if (outcome instanceof RunOutcome.Stopped stopped) {
      report(RunSummary.Status.FAILED, stopped.cause());
    } else if (outcome instanceof RunOutcome.Paused) {
      report(RunSummary.Status.RUNNING, ""); // It will go on.
    } else {
      report(RunSummary.Status.FINISHED, "");
    }
  }

  /** Tells how the run ended; the disk is not needed for it. */
  void tell(RunOutcome outcome) {
    if (outcome instanceof RunOutcome.Stopped stopped) {
      listener.on(
          new RunEvent.RunFailed(
              stopped.cause(), "Finished steps are kept; resume with: " + facts.command()));
    } else if (outcome instanceof RunOutcome.Paused paused) {
      listener.on(new RunEvent.RunPaused(paused.sentence(), "Resume with: " + facts.command()));
    } else {
      listener.on(new RunEvent.RunFinished(summary(RunSummary.Status.FINISHED, "")));
    }
  }

  private void report(RunSummary.Status status, String note) {
    files.report(summary(status, note));
  }

  private RunSummary summary(RunSummary.Status status, String note) {
    List<StageRecord> stages =
        facts.stages().stream()
            .map(stage -> record(stage, files.steps(stage.name())))
            .filter(stage -> !stage.steps().isEmpty())
            .toList();
    var heldOut = new HeldOutResults(evaluated(), facts.seed());
    return new RunSummary(
        facts.start().run(),
        status,
        note,
        facts.command(),
        facts.start().device(),
        facts.start().threads(),
        facts.start().directory(),
        facts.startedAt(),
        stages.stream().mapToDouble(StageRecord::seconds).sum(),
        stages,
        heldOut.evaluations(),
        heldOut.comparisons(),
        heldOut.samples(),
        whatIsLeft(),
        heldOut.advice(),
        status == RunSummary.Status.RUNNING ? List.of() : facts.sections().get());
  }

  private static StageRecord record(StagePlan stage, List<StepMetrics> steps) {
    double seconds = steps.isEmpty() ? 0 : steps.get(steps.size() - 1).elapsedSeconds();
    return new StageRecord(stage.name(), stage.kind(), stage.keyMetric(), seconds, steps);
  }

  private List<EvaluationFile> evaluated() {
    return facts.stages().stream()
        .map(stage -> evaluations.get(stage.name()))
        .filter(file -> file != null)
        .toList();
  }

  private static List<RunSummary.RunFile> whatIsLeft() {
    return List.of(
        new RunSummary.RunFile("report.html", "this story on one page"),
        new RunSummary.RunFile("run.conf", "every setting and where it was set"),
        new RunSummary.RunFile("metrics.jsonl", "what every step measured"),
        new RunSummary.RunFile("tensorboard", "the same for TensorBoard"),
        new RunSummary.RunFile("rollouts", "every completion with its tokens, as Parquet"),
        new RunSummary.RunFile("checkpoints", "weights in the Hugging Face layout, by stage"),
        new RunSummary.RunFile("troupe.log", "the log"));
  }

  @Override
  public void close() {
    files.close();
  }
}
