package dev.troupe.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * CPU time of processes of this machine by what their threads do. Linux only: a thread's name,
 * which those that native code starts in it inherit, and its time are read from {@code /proc}.
 *
 * @param byThread seconds of all threads of a name, which the kernel cuts after 15 characters
 */
record ProcessTimes(Map<String, Double> byThread) {
  /** Linux counts in these for programs, whatever the kernel does: USER_HZ. */
  private static final double TICKS_A_SECOND = 100;

  private static final int SHOWN = 8;

  private static final List<String> TENSOR_THREADS =
      List.of("troupe-generate", "troupe-train", "troupe-referenc", "troupe-lane");
  private static final List<String> COMPILER_THREADS =
      List.of("C1 CompilerThre", "C2 CompilerThre");

  /** The sum over processes; those that are gone count nothing. */
  static ProcessTimes of(List<Process> processes) throws IOException {
    Map<String, Double> seconds = new TreeMap<>();
    for (Process process : processes) {
      Path tasks = Path.of("/proc", "" + process.pid(), "task");
      if (!Files.isDirectory(tasks)) {
        continue;
      }
      List<Path> threads;
      try (Stream<Path> all = Files.list(tasks)) {
        threads = all.toList();
      }
      for (Path thread : threads) {
        try {
          String name = Files.readString(thread.resolve("comm")).strip();
          seconds.merge(name, seconds(Files.readString(thread.resolve("stat"))), Double::sum);
        } catch (NoSuchFileException e) {
          continue; // It ended meanwhile.
        }
      }
    }
    return new ProcessTimes(seconds);
  }

  /** Fields 14 and 15 of proc(5), counted behind the name, which may contain spaces. */
  private static double seconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
  }

  /** What was spent since an earlier look. */
  ProcessTimes minus(ProcessTimes earlier) {
    Map<String, Double> spent = new TreeMap<>(byThread);
    spent.replaceAll((name, seconds) -> seconds - earlier.byThread.getOrDefault(name, 0.0));
    return new ProcessTimes(spent);
  }

  double all() {
    return sum(name -> true);
  }

  /** Of threads that compute tensors. */
  double tensor() {
    return sum(name -> TENSOR_THREADS.stream().anyMatch(name::startsWith));
  }

  /** Of the threads that compile Java, which end with the warm-up. */
  double compiling() {
    return sum(COMPILER_THREADS::contains);
  }

  /** Of all others: messages, media drivers, rewards, records, garbage. */
  double other() {
    return sum(ProcessTimes::isOther);
  }

  /** Those of the others that took most, as shares of what all threads but compilers took. */
  Map<String, Double> largestOthers() {
    var largest = new LinkedHashMap<String, Double>();
    byThread.entrySet().stream()
        .filter(entry -> isOther(entry.getKey()))
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(SHOWN)
        .forEach(entry -> largest.put(entry.getKey(), entry.getValue() / (tensor() + other())));
    return largest;
  }

  private static boolean isOther(String name) {
    return !COMPILER_THREADS.contains(name) && TENSOR_THREADS.stream().noneMatch(name::startsWith);
  }

  private double sum(Predicate<String> which) {
    return byThread.entrySet().stream()
        .filter(entry -> which.test(entry.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }
}
