package dev.troupe.actors.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What came of disturbing a run.
 *
 * @param episodes the processes that led it, in order
 * @param hits the faults that happened, in order
 * @param unreached faults whose moment never came
 * @param failures what should not have happened: processes that ended by themselves or fell silent,
 *     and every difference from the undisturbed run; empty if the run survived everything
 */
public record ChaosReport(
    List<Line> episodes, List<Hit> hits, List<FaultPoint> unreached, List<String> failures) {
  private static final int NINETY = 90;
  private static final int HUNDRED = 100;

  /**
   * One process.
   *
   * @param fault what it met, for people
   * @param exitCode of the process
   * @param seconds how long it lived
   * @param firstStepSeconds from its start to the first step that it trained; NaN if none
   * @param note what was done beside the fault
   */
  public record Line(
      String fault, int exitCode, double seconds, double firstStepSeconds, String note) {}

  /**
   * A fault that happened.
   *
   * @param seed of the disturbed run
   * @param where what the run was doing
   * @param restarts processes started until the next step was trained
   * @param seconds from the fault to the next trained step; NaN if there was none
   * @param isSame whether the run ended like the undisturbed one
   */
  public record Hit(
      long seed, FaultPoint point, String where, int restarts, double seconds, boolean isSame) {}

  /** Copies the lists. */
  public ChaosReport {
    episodes = List.copyOf(episodes);
    hits = List.copyOf(hits);
    unreached = List.copyOf(unreached);
    failures = List.copyOf(failures);
  }

  /** Whether the disturbed run ended like the undisturbed one. */
  public boolean isSurvived() {
    return failures.isEmpty();
  }

  /** This and another one after it. */
  ChaosReport and(ChaosReport next) {
    return new ChaosReport(
        joined(episodes, next.episodes),
        joined(hits, next.hits),
        joined(unreached, next.unreached),
        joined(failures, next.failures));
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    var all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /** The faults as a table in Markdown, with a sentence that sums them up. */
  public String table() {
    var text = new StringBuilder();
    text.append("| seed | fault | to | where it struck | restarts | seconds to a step | same |\n");
    text.append("|---:|---|---|---|---:|---:|---|\n");
    for (Hit hit : hits) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %d | %s | %s | %s | %d | %s | %s |%n",
              hit.seed(),
              hit.point().fault(),
              hit.point().member(),
              hit.where(),
              hit.restarts(),
              Double.isNaN(hit.seconds()) ? "–" : String.format(Locale.ROOT, "%.1f", hit.seconds()),
              hit.isSame() ? "yes" : "NO"));
    }
    return text.append('\n').append(summary()).append('\n').toString();
  }

  /** One sentence. */
  public String summary() {
    long runs = hits.stream().mapToLong(Hit::seed).distinct().count();
    long different =
        hits.stream().filter(hit -> !hit.isSame()).mapToLong(Hit::seed).distinct().count();
    double[] seconds =
        hits.stream().mapToDouble(Hit::seconds).filter(it -> !Double.isNaN(it)).sorted().toArray();
    String times =
        seconds.length == 0
            ? "no step followed a fault"
            : String.format(
                Locale.ROOT,
                "from a fault to the next trained step %.1f s in the middle, %.1f s in nine of ten, %.1f s at most",
                seconds[seconds.length / 2],
                seconds[seconds.length * NINETY / HUNDRED],
                seconds[seconds.length - 1]);
    return "%d faults in %d runs, of which %d ended otherwise than the undisturbed one; %s."
        .formatted(hits.size(), runs, different, times);
  }
}
