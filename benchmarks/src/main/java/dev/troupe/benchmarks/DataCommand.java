package dev.troupe.benchmarks;

import dev.troupe.runtime.data.ExampleOrder;
import dev.troupe.runtime.data.FileData;
import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.settings.Recipe;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How fast rows are read and how much memory they take. */
@Command(
    name = "data",
    mixinStandardHelpOptions = true,
    description = {
      "Measures reading, checking and splitting rows of JSON lines, CSV and Parquet, and looking them up.",
      "Writes the files first, below the directory of temporary files, and removes them."
    })
final class DataCommand implements Callable<Integer> {
  private static final int LOOK_UPS = 200_000;
  private static final double NANOS = 1e-9;
  private static final int MEBIBYTE = 1 << 20;

  @Option(names = "--rows", defaultValue = "1000000", description = "Rows (default: 1000000).")
  private int rows;

  @Option(
      names = "--query",
      description = "Also measure the answer to a query over the Parquet file.")
  private boolean query;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, SQLException {
    PrintWriter out = spec.commandLine().getOut();
    Path folder = Files.createTempDirectory("troupe-bench-data");
    try {
      Map<String, String> sources = write(folder);
      out.printf(
          "%,d rows of about 150 bytes, heap of at most %,d MiB%n%n",
          rows, Runtime.getRuntime().maxMemory() / MEBIBYTE);
      out.printf(
          "%-10s %8s %8s %12s %14s %16s%n",
          "source", "MiB", "seconds", "rows/s", "kept, MiB", "look-ups/s");
      for (Map.Entry<String, String> source : sources.entrySet()) {
        measure(out, source.getKey(), source.getValue(), folder);
      }
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
    return 0;
  }

  private Map<String, String> write(Path folder) throws IOException, SQLException {
    Path lines = folder.resolve("rows.jsonl");
    try (BufferedWriter writer = Files.newBufferedWriter(lines)) {
      for (int i = 0; i < rows; i++) {
        writer.write(
            "{\"question\": \"What is %d plus %d? Think about it, then give the sum in one line of text.\", \"answer\": \"The sum is %d.\", \"level\": %d, \"tags\": [\"sum\", \"n%d\"]}%n"
                .formatted(i, 7L * i, 8L * i, i % 10, i % 100));
      }
    }
    Path csv = folder.resolve("rows.csv");
    Path parquet = folder.resolve("rows.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      for (Path file : List.of(csv, parquet)) {
        statement.execute("copy (from '%s') to '%s'".formatted(lines, file));
      }
    }
    var sources = new LinkedHashMap<String, String>();
    sources.put("jsonl", "path = \"" + lines + "\"");
    sources.put("csv", "path = \"" + csv + "\"");
    sources.put("parquet", "path = \"" + parquet + "\"");
    if (query) {
      sources.put(
          "query",
          "query = \"select question, answer from '%s' where level < 5\"".formatted(parquet));
    }
    return sources;
  }

  private static void measure(PrintWriter out, String name, String source, Path folder)
      throws IOException {
    var settings =
        Recipe.parse(
                """
                name = bench
                data { %s, prompt = "{question}", answer = "{answer}", held-out = 1000 }
                model { family = llama, width = 16, layers = 1, heads = 2, feed-forward = 16, context = 64 }
                tokenizer { kind = bytes }
                optimizer { learning-rate = 1e-3 }
                stages = [ { name = sft, kind = sft, from = model, steps = 1, batch = 1 } ]
                """
                    .formatted(source),
                "bench data")
            .data()
            .orElseThrow();
    long before = liveBytes();
    long begin = System.nanoTime();
    TaskData data = FileData.task(settings, String::length);
    double seconds = (System.nanoTime() - begin) * NANOS;
    int read = data.train().size() + data.heldOut().size();
    long kept = liveBytes() - before;
    ExampleOrder order = data.train().order(1);
    begin = System.nanoTime();
    long letters = 0;
    for (long position = 0; position < LOOK_UPS; position++) {
      letters += data.train().get(order.index(position)).prompt().length();
    }
    double lookUps = LOOK_UPS / ((System.nanoTime() - begin) * NANOS);
    Path file = folder.resolve(name.equals("query") ? "rows.parquet" : "rows." + name);
    out.printf(
        "%-10s %,8d %8.2f %,12.0f %,14d %,16.0f%s%n",
        name,
        Files.size(file) / MEBIBYTE,
        seconds,
        read / seconds,
        kept / MEBIBYTE,
        lookUps,
        letters > 0 ? "" : " (nothing read)");
    out.flush();
  }

  private static long liveBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
