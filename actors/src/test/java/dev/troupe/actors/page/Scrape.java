package dev.troupe.actors.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Prometheus reads from an answer in its text format, version 0.0.4: every line is a sample or
 * a comment, a family is announced before its samples and has them in one piece, and no sample is
 * there twice. <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">The
 * format</a>.
 */
final class Scrape {
  private static final Pattern HELP = Pattern.compile("# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
  private static final Pattern TYPE =
      Pattern.compile(
          "# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\[\\\\\"n])*)\"(?:,|$)");

  private final Map<String, String> helps = new HashMap<>();
  private final Map<String, String> types = new LinkedHashMap<>();
  private final Map<String, Map<Map<String, String>, Double>> samples = new HashMap<>();
  private String family = "";

  static Scrape of(String text) {
    var scrape = new Scrape();
    assertTrue(text.endsWith("\n"), "the last line ends");
    text.lines().forEach(scrape::read);
    return scrape;
  }

  private void read(String line) {
    Matcher help = HELP.matcher(line);
    Matcher type = TYPE.matcher(line);
    if (help.matches()) {
      assertNull(helps.put(help.group(1), help.group(2)), "helped twice: " + line);
    } else if (type.matches()) {
      assertNull(types.put(type.group(1), type.group(2)), "announced twice: " + line);
      family = type.group(1);
    } else {
      sample(line);
    }
  }

  private void sample(String line) {
    Matcher sample = SAMPLE.matcher(line);
    assertTrue(sample.matches(), "no sample: " + line);
    assertEquals(family, sample.group(1), "out of its family: " + line);
    Map<String, String> labels = new HashMap<>();
    String inner = sample.group(2) == null ? "" : sample.group(2);
    Matcher label = LABEL.matcher(inner);
    int end = 0;
    while (label.find()) {
      assertEquals(end, label.start(), "labels of " + line);
      assertNull(labels.put(label.group(1), label.group(2)), "label twice: " + line);
      end = label.end();
    }
    assertEquals(inner.length(), end, "labels of " + line);
    String number = sample.group(3).replace("+Inf", "Infinity").replace("-Inf", "-Infinity");
    assertNull(
        samples.computeIfAbsent(family, it -> new HashMap<>()).put(labels, Double.valueOf(number)),
        "sampled twice: " + line);
  }

  String type(String name) {
    return types.get(name);
  }

  String help(String name) {
    return helps.get(name);
  }

  Set<String> names() {
    return types.keySet();
  }

  boolean has(String name, Map<String, String> labels) {
    return samples.getOrDefault(name, Map.of()).containsKey(labels);
  }

  double value(String name, Map<String, String> labels) {
    Double value = samples.getOrDefault(name, Map.of()).get(labels);
    assertNotNull(value, name + labels + " is not among " + samples.get(name));
    return value;
  }
}
