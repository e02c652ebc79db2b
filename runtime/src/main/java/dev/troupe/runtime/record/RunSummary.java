package dev.troupe.runtime.record;

import dev.troupe.runtime.statistics.PairedDifference;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that a reader wants to know about a run, during it or after its end.
 *
 * @param name name of the run
 * @param status whether it goes on, is done or failed
 * @param note one sentence about the status, such as the cause of a failure; may be empty
 * @param command the command line that started it, ready to be pasted into a shell
 * @param device where it computed, such as {@code cpu} or {@code cuda:0}
 * @param threads how many threads it computed with
 * @param directory the run directory
 * @param startedAt when it was first started
 * @param seconds time spent so far, in all attempts
 * @param stages its stages that have begun, in order
 * @param evaluations what was measured, in the order in which it was measured
 * @param comparisons differences between the first and the last model
 * @param samples completions to read
 * @param files files and directories worth looking at, most interesting first
 * @param advice what evaluations recommend, one sentence each
 * @param sections what the report shows beside
 */
public record RunSummary(
    String name,
    Status status,
    String note,
    String command,
    String device,
    int threads,
    String directory,
    Instant startedAt,
    double seconds,
    List<StageRecord> stages,
    List<Evaluation> evaluations,
    List<Comparison> comparisons,
    List<Sample> samples,
    List<RunFile> files,
    List<String> advice,
    List<Section> sections) {
  /** Copies the lists. */
  public RunSummary {
    stages = List.copyOf(stages);
    evaluations = List.copyOf(evaluations);
    comparisons = List.copyOf(comparisons);
    samples = List.copyOf(samples);
    files = List.copyOf(files);
    advice = List.copyOf(advice);
    sections = List.copyOf(sections);
  }

  /** A run whose evaluations recommend nothing. */
  public RunSummary(
      String name,
      Status status,
      String note,
      String command,
      String device,
      int threads,
      String directory,
      Instant startedAt,
      double seconds,
      List<StageRecord> stages,
      List<Evaluation> evaluations,
      List<Comparison> comparisons,
      List<Sample> samples,
      List<RunFile> files) {
    this(
        name,
        status,
        note,
        command,
        device,
        threads,
        directory,
        startedAt,
        seconds,
        stages,
        evaluations,
        comparisons,
        samples,
        files,
        List.of(),
        List.of());
  }

  /**
   * A part of the report that others made.
   *
   * @param title in plain text
   * @param html safe content in the style of the report
   */
  public record Section(String title, String html) {}

  /** Where a run stands. */
  public enum Status {
    RUNNING,
    FINISHED,
    FAILED
  }

  /**
   * How what was measured on a task changed over the run, on the same prompts.
   *
   * @param task the task of the {@link Evaluation}s compared
   * @param quantity what they measured
   * @param difference last minus first, in the unit of the quantity; shares of 1 for an accuracy
   */
  public record Comparison(String task, Quantity quantity, PairedDifference difference) {}

  /**
   * One prompt with what the first and the last model made of it.
   *
   * @param prompt the prompt as the model saw it
   * @param expected the right answer, if the task has one
   * @param before completion of the first model, if it was sampled
   * @param after completion of the last model
   */
  public record Sample(
      String prompt, Optional<String> expected, Optional<Answer> before, Answer after) {}

  /**
   * A completion and its reward.
   *
   * @param completion the text
   * @param reward the total reward
   */
  public record Answer(String completion, double reward) {}

  /**
   * Something the run left on disk.
   *
   * @param path relative to the run directory
   * @param meaning what is in it, in a few words
   */
  public record RunFile(String path, String meaning) {}

  /** The tasks that were evaluated, in the order of their first evaluation. */
  public List<String> tasks() {
    return evaluations.stream().map(Evaluation::task).distinct().toList();
  }

  /** The evaluations of one task, in order. */
  public List<Evaluation> evaluationsOf(String task) {
    return evaluations.stream().filter(evaluation -> evaluation.task().equals(task)).toList();
  }

  /** The comparison for a task, if it was made. */
  public Optional<Comparison> comparisonOf(String task) {
    return comparisons.stream().filter(comparison -> comparison.task().equals(task)).findFirst();
  }
}
