package dev.troupe.actors.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.environment.AgentProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The run of an agent program for one rollout, from its start to its end. */
final class AgentProcess {
  /** What is kept of a program's output, to tell why it failed. */
  private static final int KEPT_BYTES = 2000;

  private final AgentProgram program;
  private final Example example;
  private final URI base;
  private final String key;
  private final Duration deadline;

  AgentProcess(AgentProgram program, Example example, URI base, String key, Duration deadline) {
    this.program = program;
    this.example = example;
    this.base = base;
    this.key = key;
    this.deadline = deadline;
  }

  /**
   * Runs the program.
   *
   * @return why nothing can be said of the rollout; empty if it ended well
   */
  Optional<String> run() throws InterruptedException {
    Process process;
    try {
      process = start();
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of("the agent cannot be started: " + e.getMessage());
    }
    var output = new Tail(process.getInputStream());
    Thread reading = new Thread(output, "troupe-agent-output");
    reading.setDaemon(true);
    reading.start();
    try {
      tell(process);
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        return Optional.of("the agent did not end within %s%s".formatted(deadline, output.said()));
      }
      int code = process.exitValue();
      reading.join(TimeUnit.SECONDS.toMillis(1));
      return code == 0
          ? Optional.empty()
          : Optional.of("the agent ended with exit code %d%s".formatted(code, output.said()));
    } finally {
      end(process);
    }
  }

  private Process start() throws IOException {
    var builder = new ProcessBuilder(program.words(example)).redirectErrorStream(true);
    builder.environment().put("OPENAI_BASE_URL", base.toString());
    builder.environment().put("OPENAI_API_BASE", base.toString());
    builder.environment().put("OPENAI_API_KEY", key);
    return builder.start();
  }

  /** Gives the program its example; one that does not read it need not. */
  private void tell(Process process) {
    var json = ChatAnswer.JSON.createObjectNode();
    json.put("id", example.id()).put("prompt", example.prompt()).put("answer", example.answer());
    var fields = json.putObject("fields");
    example.fields().forEach(fields::put);
    try (OutputStream in = process.getOutputStream()) {
      in.write((json + "\n").getBytes(UTF_8));
    } catch (IOException e) {
      return; // It has closed its input, which is its right.
    }
  }

  private static void end(Process process) {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
  }

  /** Reads what a program writes, so that it never waits, and keeps the end of it. */
  private static final class Tail implements Runnable {
    private final InputStream in;
    private String kept = "";

    Tail(InputStream in) {
      this.in = in;
    }

    @Override
    public void run() {
      byte[] part = new byte[KEPT_BYTES];
      try {
        for (int read = in.read(part); read >= 0; read = in.read(part)) {
          keep(new String(part, 0, read, UTF_8));
        }
      } catch (IOException e) {
        return; // The program is gone.
      }
    }

    private synchronized void keep(String more) {
      String all = kept + more;
      kept = all.substring(Math.max(0, all.length() - KEPT_BYTES));
    }

    synchronized String said() {
      return kept.isBlank() ? "" : "; it said: " + kept.strip();
    }
  }
}
