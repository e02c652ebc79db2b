package dev.troupe.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.program.TensorProgram;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Everything that {@code bench engine} times runs, on decoders that cost nothing. */
class EngineBenchTest {
  private static final int SIDE = 16;
  private static final int PROMPT = 2;
  private static final int NEW = 3;

  /** Vocabulary 16, width 8, one layer, two heads, of which the second decoder shares the keys. */
  private static final List<Workload> TINY =
      List.of(
          new Workload(
              "S", DecoderConfig.llama(16, 8, 1, 2, 2, 8, Workload.TRAIN_TOKENS + 1), PROMPT, NEW),
          new Workload(
              "M", DecoderConfig.llama(16, 8, 1, 2, 1, 8, Workload.TRAIN_TOKENS + 1), PROMPT, NEW));

  @Test
  void everyMeasureRunsAndTheReportNamesItsRate() throws Exception {
    try (Accelerator accelerator = Accelerator.of("cpu", 2);
        TensorProgram parts = EngineBench.parts();
        var bench = new EngineBench(TINY, accelerator, parts, SIDE)) {
      List<Measure> measures = bench.measures();
      var rounds = new Rounds(measures, 1, System::nanoTime, line -> {});

      for (Measure measure : measures) {
        double rate = rounds.median(measure.name());
        assertTrue(rate > 0 && Double.isFinite(rate), measure.name() + ": " + rate);
      }
      var report = new EngineReport(TINY, rounds, "one round");
      JsonNode json = new ObjectMapper().readTree(report.json());
      // Each decoder: two baselines and two types of decoding; one baseline and four of training.
      assertEquals(2 * (4 + 5), json.get("speeds").size());
      assertEquals(2 * 4, json.get("limits").size());
      assertTrue(report.text().contains("M train bf16 recompute"), report.text());
    }
  }

  @Test
  void noTwoMeasuresShareAName() {
    try (Accelerator accelerator = Accelerator.of("cpu", 2);
        TensorProgram parts = EngineBench.parts();
        var bench = new EngineBench(TINY, accelerator, parts, SIDE)) {
      List<String> names = bench.measures().stream().map(Measure::name).toList();
      Set<String> different = names.stream().collect(Collectors.toCollection(TreeSet::new));

      assertEquals(different.size(), names.size(), names::toString);
    }
  }
}
