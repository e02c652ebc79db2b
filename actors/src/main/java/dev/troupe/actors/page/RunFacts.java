package dev.troupe.actors.page;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.PolicyGradientStage;
import dev.troupe.runtime.settings.ReferenceUpdate;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SoupStage;
import dev.troupe.runtime.settings.StageSettings;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;

/** What the settings of a run say, in the form that the page reads. */
final class RunFacts {
  private static final JsonMapper JSON = new JsonMapper();

  private RunFacts() {}

  /**
   * @param metrics names of what was recorded so far
   */
  static ObjectNode json(
      RunSettings settings, Path directory, boolean isAlive, Collection<String> metrics) {
    ObjectNode run = JSON.createObjectNode();
    run.put("name", settings.name());
    run.put("directory", directory.toString());
    run.put("device", settings.device());
    run.put("isAlive", isAlive);
    ArrayNode stages = run.putArray("stages");
    for (StageSettings stage : settings.stages()) {
      ObjectNode entry = stages.addObject();
      entry.put("name", stage.name());
      entry.put("kind", stage.kind());
      ArrayNode inputs = entry.putArray("inputs");
      stage.inputs().forEach(inputs::add);
    }
    soups(settings, run.putArray("soups"));
    ArrayNode known = run.putArray("metrics");
    Metric.known().stream()
        .filter(metric -> metrics.contains(metric.name()))
        .forEach(metric -> describe(known.addObject(), metric));
    metrics.stream()
        .filter(name -> Metric.named(name).meaning().isEmpty())
        .sorted()
        .forEach(name -> describe(known.addObject(), Metric.named(name)));
    return run;
  }

  private static void describe(ObjectNode entry, Metric metric) {
    entry.put("name", metric.name());
    entry.put("label", metric.label());
    entry.put("unit", metric.unit());
    entry.put("meaning", metric.meaning());
  }

  private static void soups(RunSettings settings, ArrayNode soups) {
    for (StageSettings stage : settings.stages()) {
      if (stage instanceof SoupStage soup) {
        ObjectNode entry = soups.addObject();
        entry.put("stage", soup.name());
        entry.put("kind", "stage");
        ArrayNode parts = entry.putArray("parts");
        for (int i = 0; i < soup.of().size(); i++) {
          parts.addObject().put("of", soup.of().get(i)).put("weight", soup.weights().get(i));
        }
      } else if (stage instanceof PolicyGradientStage trained
          && trained.referenceUpdate().kind() != ReferenceUpdate.Kind.FIXED) {
        ReferenceUpdate update = trained.referenceUpdate();
        ObjectNode entry = soups.addObject();
        entry.put("stage", stage.name());
        entry.put("kind", update.kind().name().toLowerCase(Locale.ROOT));
        entry.put("every", update.every());
        entry.put("rate", update.rate());
      }
    }
  }
}
