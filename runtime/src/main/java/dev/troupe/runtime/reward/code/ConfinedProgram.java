package dev.troupe.runtime.reward.code;

import dev.troupe.runtime.reward.code.SandboxResult.Bound;
import dev.troupe.runtime.reward.code.SandboxResult.Ended;
import dev.troupe.runtime.reward.code.SandboxResult.Stopped;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A program with its files in a directory of its own, that can be run any number of times. It is
 * watched while it runs, and ended with everything that it started when it goes beyond a bound or
 * when the calling thread is interrupted.
 */
final class ConfinedProgram implements AutoCloseable {
  private static final long LOOK_EVERY_MS = 20;
  private static final long LAST_WORDS_MS = 2000;
  private static final long PAGE_BYTES = 4096;
  private static final int KILLED_BY_CPU_TIME = 128 + 24;

  private final Confinement bounds;
  private final Path folder;

  /**
   * @param files content of each file by name
   */
  ConfinedProgram(Confinement bounds, Map<String, String> files) throws IOException {
    this.bounds = bounds;
    this.folder =
        Files.createTempDirectory(
            "troupe-program",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = Files.writeString(folder.resolve(file.getKey()), file.getValue());
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    }
    // The umask may have taken rights away.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /**
   * Runs the program.
   *
   * @param command its command line; {@code {folder}} stands for the directory of its files
   * @param input its standard input
   * @throws IOException if it cannot be started, or not be confined and that is not allowed
   */
  SandboxResult run(List<String> command, String input) throws IOException, InterruptedException {
    Optional<String> refusal = Sandbox.refusal();
    if (refusal.isPresent() && !bounds.allowUnsandboxed()) {
      throw new IOException(
          "no program is run without a sandbox: %s; install it, or set allow-unsandboxed = true if nothing on this machine needs protection"
              .formatted(refusal.get()));
    }
    boolean isConfined = refusal.isEmpty();
    String inside = isConfined ? Sandbox.FOLDER : folder.toString();
    List<String> program = command.stream().map(it -> it.replace("{folder}", inside)).toList();
    List<String> line =
        isConfined ? Sandbox.confine(bounds, folder, program) : Sandbox.limit(bounds, program);
    Process process = new ProcessBuilder(line).directory(folder.toFile()).start();
    try {
      return watch(process, input);
    } finally {
      end(process);
    }
  }

  private SandboxResult watch(Process process, String input) throws InterruptedException {
    var left = new AtomicInteger(bounds.outputBytes());
    var output = new Pump(process.getInputStream(), left);
    var error = new Pump(process.getErrorStream(), left);
    daemon(() -> feed(process.getOutputStream(), input));
    long end = System.nanoTime() + bounds.wallTime().toNanos();
    while (!process.waitFor(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
      Optional<Stopped> stopped = beyond(process, left, System.nanoTime() - end);
      if (stopped.isPresent()) {
        return stopped.get();
      }
    }
    output.takeLastWords();
    error.takeLastWords();
    if (left.get() < 0) {
      return tooMuchOutput();
    }
    if (process.exitValue() == KILLED_BY_CPU_TIME) {
      return new Stopped(
          Bound.CPU, "it used more than %s of a processor".formatted(bounds.cpuTime()));
    }
    return new Ended(process.exitValue(), output.text(), error.text());
  }

  private Optional<Stopped> beyond(Process process, AtomicInteger left, long lateNanos) {
    if (left.get() < 0) {
      return Optional.of(tooMuchOutput());
    }
    List<ProcessHandle> family = process.descendants().toList();
    // The sandbox itself needs a few.
    if (family.size() > bounds.processes() + 3) {
      return Optional.of(
          new Stopped(
              Bound.PROCESSES, "it had more than %d processes".formatted(bounds.processes())));
    }
    long resident = family.stream().mapToLong(it -> residentBytes(it.pid())).sum();
    if (resident > bounds.memoryBytes()) {
      return Optional.of(
          new Stopped(
              Bound.MEMORY, "it used more than %d MiB".formatted(bounds.memoryBytes() >> 20)));
    }
    return lateNanos > 0
        ? Optional.of(
            new Stopped(
                Bound.TIME, "it did not end within %d ms".formatted(bounds.wallTime().toMillis())))
        : Optional.empty();
  }

  private Stopped tooMuchOutput() {
    return new Stopped(
        Bound.OUTPUT, "it wrote more than %d KiB".formatted(bounds.outputBytes() >> 10));
  }

  /** Memory that a process has in use; 0 if it has ended or the system does not tell. */
  private static long residentBytes(long pid) {
    try {
      String[] pages = Files.readString(Path.of("/proc/" + pid + "/statm")).split(" ");
      return Long.parseLong(pages[1]) * PAGE_BYTES;
    } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
      return 0;
    }
  }

  private static void feed(OutputStream stream, String input) {
    try (stream) {
      stream.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It does not read its input, which is its own business.
    }
  }

  private static Thread daemon(Runnable work) {
    var thread = new Thread(work, "troupe-program");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /**
   * Ends the program and all that it started. A sandbox that is ended while it is being set up can
   * leave a process behind that waits for it; it is known by the name of this program's directory.
   */
  private void end(Process process) throws InterruptedException {
    if (!process.isAlive()) {
      return;
    }
    List<ProcessHandle> family = process.descendants().toList();
    process.destroyForcibly();
    family.forEach(ProcessHandle::destroyForcibly);
    boolean wasInterrupted = Thread.interrupted();
    process.waitFor(LAST_WORDS_MS, TimeUnit.MILLISECONDS);
    ProcessHandle.allProcesses()
        .filter(it -> commandLine(it.pid()).contains(folder.toString()))
        .forEach(ProcessHandle::destroyForcibly);
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has ended, or is another user's
    }
  }

  /** Reads a stream until it ends or everything together is too much. */
  private static final class Pump {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Thread thread;

    Pump(InputStream stream, AtomicInteger left) {
      this.thread = daemon(() -> read(stream, left));
    }

    private void read(InputStream stream, AtomicInteger left) {
      byte[] buffer = new byte[8192];
      try (stream) {
        for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
          if (left.addAndGet(-count) < 0) {
            return;
          }
          synchronized (bytes) {
            bytes.write(buffer, 0, count);
          }
        }
      } catch (IOException e) {
        // The process was ended.
      }
    }

    /** Waits a moment for what the ended process has written and nobody has read yet. */
    void takeLastWords() throws InterruptedException {
      thread.join(LAST_WORDS_MS);
    }

    String text() {
      synchronized (bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
      }
    }
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
