package dev.troupe.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * CPU time of processes of this machine, parted by what their threads do. Linux only: a thread's
 * name, which those that it starts inherit, and its time are read from {@code /proc}.
 *
 * @param tensor seconds of threads that compute tensors
 * @param other seconds of all others: messages, media drivers, records, compilation, garbage
 */
record ProcessTimes(double tensor, double other) {
  /** Linux counts in these for programs, whatever the kernel does: USER_HZ. */
  private static final double TICKS_A_SECOND = 100;

  /** As the kernel cuts names, after 15 characters. */
  private static final List<String> TENSOR_THREADS =
      List.of("troupe-generate", "troupe-train", "troupe-referenc");

  /** The sum over processes; those that are gone count nothing. */
  static ProcessTimes of(List<Process> processes) throws IOException {
    double tensor = 0;
    double other = 0;
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
          double seconds = seconds(Files.readString(thread.resolve("stat")));
          if (TENSOR_THREADS.contains(Files.readString(thread.resolve("comm")).strip())) {
            tensor += seconds;
          } else {
            other += seconds;
          }
        } catch (NoSuchFileException e) {
          continue; // It ended meanwhile.
        }
      }
    }
    return new ProcessTimes(tensor, other);
  }

  /** Fields 14 and 15 of proc(5), counted behind the name, which may contain spaces. */
  private static double seconds(String stat) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
  }

  ProcessTimes minus(ProcessTimes earlier) {
    return new ProcessTimes(tensor - earlier.tensor, other - earlier.other);
  }

  double all() {
    return tensor + other;
  }
}
