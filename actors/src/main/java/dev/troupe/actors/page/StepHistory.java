package dev.troupe.actors.page;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.troupe.runtime.record.StepMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All steps of a run, a column a metric: 8 bytes a number. Steps are numbered through the run from
 * 0, so that a reader can ask for those after the last one it has.
 */
final class StepHistory {
  private static final JsonFactory JSON = new JsonFactory();

  private static final class Block {
    final String stage;
    final Map<String, double[]> columns = new LinkedHashMap<>();
    long[] steps = new long[64];
    double[] elapsed = new double[64];
    long totalSteps;
    int rows;

    Block(String stage) {
      this.stage = stage;
    }

    void add(StepMetrics step) {
      if (rows == steps.length) {
        steps = Arrays.copyOf(steps, 2 * rows);
        elapsed = Arrays.copyOf(elapsed, 2 * rows);
        columns.replaceAll((name, column) -> grown(column));
      }
      steps[rows] = step.step();
      elapsed[rows] = step.elapsedSeconds();
      totalSteps = step.totalSteps();
      step.values().forEach((name, value) -> column(name)[rows] = value);
      rows++;
    }

    private double[] column(String name) {
      return columns.computeIfAbsent(
          name,
          it -> {
            double[] column = new double[steps.length];
            Arrays.fill(column, Double.NaN);
            return column;
          });
    }

    private static double[] grown(double[] column) {
      double[] longer = Arrays.copyOf(column, 2 * column.length);
      Arrays.fill(longer, column.length, longer.length, Double.NaN);
      return longer;
    }
  }

  private final List<Block> blocks = new ArrayList<>();
  private final Map<String, StepMetrics> newest = new LinkedHashMap<>();
  private long generation;
  private int size;

  synchronized void add(StepMetrics step) {
    Block last = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
    if (last == null || !last.stage.equals(step.stage())) {
      last = new Block(step.stage());
      blocks.add(last);
    }
    last.add(step);
    newest.put(step.stage(), step);
    size++;
  }

  /** Begins anew; readers notice by the generation. */
  synchronized void clear() {
    blocks.clear();
    newest.clear();
    size = 0;
    generation++;
  }

  /** How often the history began anew. */
  synchronized long generation() {
    return generation;
  }

  synchronized int size() {
    return size;
  }

  /** The newest step of a stage. */
  synchronized Optional<StepMetrics> newest(String stage) {
    return Optional.ofNullable(newest.get(stage));
  }

  /** The newest step of every stage that has begun. */
  synchronized List<StepMetrics> newest() {
    return List.copyOf(newest.values());
  }

  /** Every metric name that was ever recorded. */
  synchronized Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    blocks.forEach(block -> names.addAll(block.columns.keySet()));
    return names;
  }

  /**
   * Some steps as JSON, in single precision, which is enough for the eye; what is no number is
   * null.
   *
   * @param from number of the first step wanted
   * @param limit how many at most
   */
  synchronized byte[] slice(int from, int limit) {
    var bytes = new ByteArrayOutputStream();
    int begin = Math.min(Math.max(0, from), size);
    int end = Math.min(size, begin + limit);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeNumberField("generation", generation);
      json.writeNumberField("from", begin);
      json.writeNumberField("next", end);
      json.writeNumberField("total", size);
      json.writeArrayFieldStart("blocks");
      int offset = 0;
      for (Block block : blocks) {
        int low = Math.max(0, begin - offset);
        int high = Math.min(block.rows, end - offset);
        if (low < high) {
          write(json, block, low, high);
        }
        offset += block.rows;
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, Block block, int low, int high) throws IOException {
    json.writeStartObject();
    json.writeStringField("stage", block.stage);
    json.writeNumberField("totalSteps", block.totalSteps);
    json.writeFieldName("step");
    json.writeArray(block.steps, low, high - low);
    writeColumn(json, "elapsed", block.elapsed, low, high);
    json.writeObjectFieldStart("columns");
    for (Map.Entry<String, double[]> column : block.columns.entrySet()) {
      writeColumn(json, column.getKey(), column.getValue(), low, high);
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeColumn(
      JsonGenerator json, String name, double[] column, int low, int high) throws IOException {
    json.writeArrayFieldStart(name);
    for (int row = low; row < high; row++) {
      float value = (float) column[row];
      if (Float.isFinite(value)) {
        json.writeNumber(value);
      } else {
        json.writeNull();
      }
    }
    json.writeEndArray();
  }
}
