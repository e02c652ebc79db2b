package dev.troupe.runtime.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.record.RunSummary.Answer;
import dev.troupe.runtime.record.RunSummary.RunFile;
import dev.troupe.runtime.record.RunSummary.Sample;
import dev.troupe.runtime.record.RunSummary.Status;
import dev.troupe.runtime.statistics.Interval;
import dev.troupe.runtime.statistics.Proportion;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class RunReportTest {
  private static final String HOSTILE = "</td><script>alert('x')</script>&\"\u0000\u001b[2J\ud800";

  /** The page is written so that it is XML too, which lets a strict parser look for open tags. */
  private static Document parse(String html) {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(html)));
    } catch (Exception e) {
      throw new AssertionError("the page is not well-formed: " + e.getMessage(), e);
    }
  }

  private static List<Element> elements(Document page, String tag, String style) {
    NodeList nodes = page.getElementsByTagName(tag);
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      Element element = (Element) nodes.item(i);
      if (List.of(element.getAttribute("class").split(" ")).contains(style)) {
        found.add(element);
      }
    }
    return found;
  }

  private static RunSummary hostileRun() {
    var evaluation = new Evaluation(HOSTILE, HOSTILE, Measure.accuracy(new Proportion(1, 2)));
    return new RunSummary(
        HOSTILE,
        Status.FAILED,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        1,
        HOSTILE,
        Instant.EPOCH,
        1,
        List.of(new StageRecord(HOSTILE, HOSTILE, Metric.LOSS, 1, List.of())),
        List.of(evaluation, evaluation),
        List.of(),
        List.of(
            new Sample(
                HOSTILE,
                Optional.of(HOSTILE),
                Optional.of(new Answer(HOSTILE, 0)),
                new Answer(HOSTILE, Double.NaN))),
        List.of(new RunFile(HOSTILE, HOSTILE)));
  }

  @Test
  void tellsTheResultTheStagesAndTheFiles() {
    String text = parse(RunReport.html(SampleRun.summary())).getDocumentElement().getTextContent();
    assertTrue(text.contains("held-out accuracy went from 12.0% to 74.8%."));
    assertTrue(text.contains("+62.8 points on the same 250 prompts (95% interval +56.4 to +68.8)"));
    assertTrue(text.contains("69.1% to 79.8%")); // Wilson, 187 of 250
    assertTrue(text.contains("23 September 2026, 13:05 UTC"));
    assertTrue(text.contains("12 min 34 s"));
    assertTrue(text.contains("./troupe run cluster-config/recipes/arithmetic.conf"));
    assertTrue(text.contains("checkpoints/step-300"));
    assertTrue(text.contains("17 + 26 = 43. The answer is 43."));
  }

  @Test
  void drawsEveryRecordedMetricOfEveryStageOnce() {
    Document page = parse(RunReport.html(SampleRun.summary()));
    int recorded = 0;
    for (StageRecord stage : SampleRun.summary().stages()) {
      recorded += ReportCurves.recorded(stage).size();
    }
    assertEquals(recorded, elements(page, "svg", "curve").size());
    assertEquals(3 + 13, recorded);
  }

  @Test
  void drawsTheIntervalWhereTheNumbersSay() {
    Document page = parse(RunReport.html(SampleRun.summary()));
    Element before = elements(page, "line", "whisker").get(0);
    // Wilson for 30 of 250: (0.127683 ± 0.041008) / 1.015366.
    assertEquals("8.54%", before.getAttribute("x1"));
    assertEquals("16.61%", before.getAttribute("x2"));
    assertEquals("12.00%", elements(page, "circle", "point").get(0).getAttribute("cx"));
  }

  @Test
  void tellsAGradedRewardInItsOwnUnit() {
    String text = parse(RunReport.html(SampleRun.graded())).getDocumentElement().getTextContent();
    assertTrue(text.contains("held-out mean reward went from 0.155 to 0.695."), text);
    assertTrue(
        text.contains("+0.540 on the same 16 prompts (95% interval +0.409 to +0.671)."), text);
    assertTrue(text.contains("-0.0210 to 0.334"), text);
  }

  @Test
  void scalesTheChartOfAGradedRewardToItsIntervals() {
    Document page = parse(RunReport.html(SampleRun.graded()));
    // From -0.021 to 0.793 with 6% of 0.814 on both sides: the axis goes from -0.06984 to 0.84184,
    // 0.91168 wide, and the first interval lies at 0.04884 / 0.91168 and 0.40384 / 0.91168.
    List<Element> whiskers = elements(page, "line", "whisker");
    assertEquals("5.36%", whiskers.get(0).getAttribute("x1"));
    assertEquals("44.30%", whiskers.get(0).getAttribute("x2"));
    assertEquals("94.64%", whiskers.get(2).getAttribute("x2"));
    // Ticks at 0, 0.2, ... 0.8, every other one labelled: the one at 0 lies at 0.06984 / 0.91168.
    Element scale = elements(page, "tr", "scale").get(0);
    assertEquals("0.00.40.8", scale.getTextContent());
    Element zero = (Element) scale.getElementsByTagName("text").item(0);
    assertEquals("7.66%", zero.getAttribute("x"));
  }

  @Test
  void givesAStageOfOneStepARowAndNoCurve() {
    Document page = parse(RunReport.html(SampleRun.graded()));
    String text = page.getDocumentElement().getTextContent();
    assertTrue(text.contains("soup/distance 1.55\n"), text);
    assertFalse(text.contains("1.55 → 1.55"), text);
    assertEquals(3 + 13, elements(page, "svg", "curve").size());
  }

  @Test
  void drawsAnIntervalThatIsAPoint() {
    var certain = new Measure(Quantity.MEAN_REWARD, 0, new Interval(0, 0), 1);
    RunSummary run = SampleRun.graded();
    RunSummary constant =
        new RunSummary(
            run.name(),
            run.status(),
            run.note(),
            run.command(),
            run.device(),
            run.threads(),
            run.directory(),
            run.startedAt(),
            run.seconds(),
            List.of(),
            List.of(new Evaluation("held-out", "now", certain)),
            List.of(),
            List.of(),
            List.of());
    Document page = parse(RunReport.html(constant));
    assertEquals("0.00%", elements(page, "circle", "point").get(0).getAttribute("cx"));
  }

  @Test
  void needsNoNetworkAndNoScript() {
    String html = RunReport.html(SampleRun.summary());
    assertFalse(html.contains("http:") || html.contains("https:") || html.contains("//"));
    assertFalse(html.contains("<script") || html.contains("@import") || html.contains("src="));
  }

  @Test
  void survivesHostileTextEverywhere() {
    String html = RunReport.html(hostileRun());
    Document page = parse(html);
    assertEquals(0, page.getElementsByTagName("script").getLength());
    assertFalse(html.contains("\u001b") || html.contains("\u0000"));
    assertTrue(page.getDocumentElement().getTextContent().contains("alert('x')"));
  }

  @Test
  void keepsEveryPointInsideTheDrawing() {
    double[][] shapes = {
      {5}, {0, 0, 0}, {1e-12, 2e-12}, {-1e9, 1e9}, {Double.NaN, 1, Double.POSITIVE_INFINITY, 2}
    };
    for (double[] shape : shapes) {
      List<Curve.Point> points = new ArrayList<>();
      for (double value : shape) {
        points.add(new Curve.Point(points.size() + 1, value));
      }
      String svg = LineChart.svg(Metric.LOSS, new Curve(points), shape.length);
      Matcher coordinates = Pattern.compile("[ML]([-\\d.]+) ([-\\d.]+)").matcher(svg);
      int drawn = 0;
      while (coordinates.find()) {
        double x = Double.parseDouble(coordinates.group(1));
        double y = Double.parseDouble(coordinates.group(2));
        assertTrue(x >= 0 && x <= 440 && y >= 0 && y <= 210, svg);
        drawn++;
      }
      assertEquals(Arrays.stream(shape).filter(Double::isFinite).count(), drawn);
      assertFalse(svg.contains("=\"NaN") || svg.contains("LNaN") || svg.contains("MNaN"), svg);
    }
  }

  @Test
  void saysWhenNothingFiniteWasRecorded() {
    var step = new StepMetrics("s", 1, 1, 0, Map.of("loss", Double.NaN));
    String html = ReportCurves.html(new StageRecord("s", "dpo", Metric.LOSS, 1, List.of(step)));
    assertTrue(html.contains("Every recorded value is NaN or infinite."));
  }

  @Test
  void staysSmallForALongRun() {
    List<StepMetrics> steps = new ArrayList<>();
    for (int step = 1; step <= 50_000; step++) {
      steps.add(new StepMetrics("s", step, 50_000, step, Map.of("loss", Math.sin(step))));
    }
    String html = ReportCurves.html(new StageRecord("s", "dpo", Metric.LOSS, 1, steps));
    assertTrue(html.length() < 40_000, () -> "characters: " + html.length());
  }

  @Test
  void replacesAnEarlierReportAsAWhole(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("report.html");
    RunReport.write(file, hostileRun());
    RunReport.write(file, SampleRun.summary());
    assertEquals(RunReport.html(SampleRun.summary()), Files.readString(file));
    try (var files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }
}
