package dev.troupe.actors.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunEvent.EvaluationFinished;
import dev.troupe.actors.event.RunEvent.RunFinished;
import dev.troupe.actors.event.RunEvent.StageFinished;
import dev.troupe.actors.event.RunEvent.StepFinished;
import dev.troupe.runtime.record.Evaluation;
import dev.troupe.runtime.record.Measure;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StageRecord;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.statistics.Proportion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class JsonViewTest {
  private static final JsonMapper JSON = new JsonMapper();

  private final CapturedOutput output = new CapturedOutput();
  private final JsonView view = new JsonView(output.stream());

  private String line(RunEvent event) {
    view.on(event);
    return output.take();
  }

  @Test
  void writesEveryKindOfEventAsOneObjectALine() throws IOException {
    List<RunEvent> events = new ArrayList<>(InventedRun.events());
    events.add(InventedRun.failure());
    events.add(InventedRun.pause());
    Set<Class<?>> played = events.stream().map(Object::getClass).collect(Collectors.toSet());
    assertEquals(Set.of(RunEvent.class.getPermittedSubclasses()), played);
    for (RunEvent event : events) {
      String line = line(event);
      assertEquals(line.length() - 1, line.indexOf('\n'));
      JsonNode object = JSON.readTree(line);
      String name = event.getClass().getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1");
      assertEquals(name.toLowerCase(Locale.ROOT), object.get("event").asText());
    }
  }

  @Test
  void aStepHasTheFieldsOfTheMetricsFile() {
    var step = new StepMetrics("grpo", 1, 9, 2.5, Map.of("loss", Double.NaN));
    assertEquals(
        """
        {"event":"step-finished","stage":"grpo","step":1,"total-steps":9,"elapsed-seconds":2.5,"loss":"NaN"}
        """,
        line(new StepFinished(step)));
  }

  @Test
  void aStageHasItsKeyMetricAtBothEnds() {
    var step = new StepMetrics("grpo", 1, 1, 2.5, Map.of("loss", 0.5));
    assertEquals(
        """
        {"event":"stage-finished","stage":"grpo","algorithm":"dpo","steps":1,"seconds":2.5,"key-metric":"loss","first-tenth":0.5,"last-tenth":0.5}
        """,
        line(new StageFinished(new StageRecord("grpo", "dpo", Metric.LOSS, 2.5, List.of(step)))));
  }

  @Test
  void anAccuracyHasItsPromptsAndItsInterval() throws IOException {
    var evaluation =
        new Evaluation("held-out", "before", Measure.accuracy(new Proportion(81, 263)));
    JsonNode object = JSON.readTree(line(new EvaluationFinished(evaluation)));
    assertEquals("held-out", object.get("task").asText());
    assertEquals("before", object.get("moment").asText());
    assertEquals("accuracy", object.get("measure").asText());
    assertEquals(81.0 / 263, object.get("value").asDouble());
    assertEquals(263, object.get("prompts").asInt());
    // Newcombe 1998, table I, gives 0.2553 to 0.3662.
    double fourDecimals = 0.5e-4;
    assertEquals(0.2553, object.get("interval-95").get(0).asDouble(), fourDecimals);
    assertEquals(0.3662, object.get("interval-95").get(1).asDouble(), fourDecimals);
  }

  @Test
  void aMeanRewardIsInItsOwnUnit() throws IOException {
    assertEquals(
        """
        {"event":"evaluation-finished","task":"held-out prompts","moment":"before","measure":"mean-reward","value":0.155,"prompts":16,"interval-95":[-0.021,0.334]}
        """,
        line(new EvaluationFinished(InventedRun.graded("before", 0.155, -0.021, 0.334))));
    JsonNode run = JSON.readTree(line(new RunFinished(InventedRun.graded())));
    assertEquals(
        """
        [{"task":"held-out prompts","measure":"mean-reward","difference":0.54,"prompts":16,"interval-95":[0.409,0.671]}]""",
        run.get("comparisons").toString());
  }
}
