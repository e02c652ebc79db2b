package dev.troupe.runtime.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.runtime.record.RunSummary.RunFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code report.html}: the story of a run on one page, in one file that needs no network and no
 * script.
 */
public final class RunReport {
  private static final DateTimeFormatter START_TIME =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final RunSummary run;
  private final StringBuilder page = new StringBuilder();

  private RunReport(RunSummary run) {
    this.run = run;
  }

  /** Writes the page; a reader sees the old file or the new one, never a part. */
  public static void write(Path file, RunSummary run) {
    Path draft = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.writeString(draft, html(run), UTF_8);
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new RecordException(
          "cannot write the report %s: %s; check its disk and permissions".formatted(file, e), e);
    }
  }

  /** The page as text; the same run gives the same page. */
  public static String html(RunSummary run) {
    return new RunReport(run).build();
  }

  private String build() {
    page.append(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>%s: Troupe run report</title>
        <style>
        %s</style>
        </head>
        <body>
        """
            .formatted(Html.escape(run.name()), style()));
    header();
    if (!run.evaluations().isEmpty()) {
      section("Evaluation", ReportEvaluations.tables(run));
    }
    if (!run.stages().isEmpty()) {
      section("Stages", stages());
    }
    List<StageRecord> drawn = run.stages().stream().filter(stage -> !stage.hasOneStep()).toList();
    if (!drawn.isEmpty()) {
      section("Curves", curves(drawn));
    }
    String timeline = ReportTimeline.picture(run.stages());
    if (!timeline.isEmpty()) {
      section("Timeline", timeline);
    }
    run.sections().forEach(it -> section(Html.escape(it.title()), it.html()));
    if (!run.samples().isEmpty()) {
      section("Samples", ReportEvaluations.samples(run.samples()));
    }
    if (!run.files().isEmpty()) {
      section("Files", files());
    }
    page.append(glossary());
    page.append("</body>\n</html>\n");
    return page.toString();
  }

  private void section(String title, String content) {
    page.append("<section><h2>").append(title).append("</h2>\n").append(content);
    page.append("</section>\n");
  }

  private void header() {
    page.append(
        "<header><p class=\"kind\">Troupe run report</p><h1>%s</h1>\n"
            .formatted(Html.escape(run.name())));
    page.append(status());
    for (String task : run.tasks()) {
      page.append(headline(task));
    }
    page.append("<dl class=\"facts\">");
    fact("started", START_TIME.format(run.startedAt()));
    fact("took", ReadableNumbers.duration(run.seconds()));
    fact(
        "device",
        run.device() + ", " + run.threads() + (run.threads() == 1 ? " thread" : " threads"));
    String untimed =
        run.stages().stream()
            .filter(stage -> stage.steps().stream().anyMatch(RunReport::isPacedByTime))
            .map(StageRecord::name)
            .collect(Collectors.joining(", "));
    if (!untimed.isEmpty()) {
      fact("repeatable", "no: pacing = newest in " + untimed + " follows time, not the seed alone");
    }
    fact("directory", run.directory());
    page.append("</dl>\n<pre>").append(Html.escape(run.command())).append("</pre></header>\n");
  }

  private static boolean isPacedByTime(StepMetrics step) {
    return step.value(Metric.STALENESS_MEAN).isPresent();
  }

  private String status() {
    String sentence =
        switch (run.status()) {
          case RUNNING -> "Still running when this page was written.";
          case FINISHED -> "";
          case FAILED -> "Failed.";
        };
    String whole = (sentence + " " + run.note()).strip();
    return whole.isEmpty()
        ? ""
        : "<p class=\"status-%s\">%s</p>\n"
            .formatted(run.status().name().toLowerCase(Locale.ROOT), Html.escape(whole));
  }

  private String headline(String task) {
    List<Evaluation> evaluations = run.evaluationsOf(task);
    if (evaluations.size() < 2) {
      return "";
    }
    Measure first = evaluations.get(0).measure();
    Measure last = evaluations.get(evaluations.size() - 1).measure();
    return "<p class=\"result\">%s %s went from %s to <strong>%s</strong>.</p>\n"
        .formatted(Html.escape(task), last.quantity().label(), first.valueText(), last.valueText());
  }

  private void fact(String name, String value) {
    page.append("<div><dt>%s</dt><dd>%s</dd></div>".formatted(name, Html.escape(value)));
  }

  private String stages() {
    var table =
        new StringBuilder(
            """
            <div class="scroll"><table><thead><tr><th>stage</th><th class="algorithm">algorithm</th>\
            <th class="figure">steps</th><th class="figure">time</th><th>first → last tenth</th>\
            </tr></thead><tbody>
            """);
    for (StageRecord stage : run.stages()) {
      long steps = stage.steps().isEmpty() ? 0 : stage.steps().get(stage.steps().size() - 1).step();
      table.append(
          """
          <tr><td>%s</td><td class="algorithm">%s</td><td class="figure">%s</td><td class="figure">%s</td>\
          <td>%s %s</td></tr>
          """
              .formatted(
                  Html.escape(stage.name()),
                  Html.escape(stage.algorithm()),
                  ReadableNumbers.count(steps),
                  ReadableNumbers.duration(stage.seconds()),
                  Html.escape(stage.keyMetric().label()),
                  ReportCurves.change(stage, stage.keyMetric())));
    }
    return table.append("</tbody></table></div>\n").toString();
  }

  private static String curves(List<StageRecord> stages) {
    var drawings =
        new StringBuilder(
            "<p class=\"quiet\">Thin: each step. Bold: mean over neighbouring steps. The figures beside a title"
                + " are the means over the first and the last tenth of the steps.</p>\n");
    stages.forEach(stage -> drawings.append(ReportCurves.html(stage)));
    return drawings.toString();
  }

  private String files() {
    var table = new StringBuilder("<table><tbody>");
    for (RunFile file : run.files()) {
      table.append(
          "<tr><td><a href=\"%s\"><code>%s</code></a></td><td>%s</td></tr>\n"
              .formatted(
                  Html.escape(file.path()), Html.escape(file.path()), Html.escape(file.meaning())));
    }
    return table.append("</tbody></table>\n").toString();
  }

  private String glossary() {
    Set<Metric> metrics = new LinkedHashSet<>();
    run.stages().forEach(stage -> metrics.addAll(ReportCurves.recorded(stage)));
    metrics.removeIf(metric -> metric.meaning().isEmpty());
    var notes =
        new StringBuilder("<footer><details><summary>What is recorded</summary><table><tbody>");
    for (Metric metric : metrics) {
      notes.append(
          "<tr><td><code>%s</code></td><td>%s</td></tr>\n"
              .formatted(Html.escape(metric.name()), Html.escape(metric.meaning())));
    }
    return notes
        .append("<tr><td>95% interval</td><td>of an accuracy on prompts that are wholly right or ")
        .append("wrong: Wilson's score interval; of anything else: percentile bootstrap over the ")
        .append("prompts, the completions of each averaged first</td></tr>\n")
        .append("</tbody></table></details></footer>\n")
        .toString();
  }

  private static String style() {
    try (InputStream css = RunReport.class.getResourceAsStream("report.css")) {
      return new String(css.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
