package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command tells bad usage in a sentence and exits with 2. */
class BadUsageTest {
  @TempDir private Path folder;
  private final CommandLineRuns line = new CommandLineRuns();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rum | Unmatched argument",
        "run nowhere.conf | nowhere.conf",
        "run --quiet --json | mutually exclusive",
        "plan --threads many | --threads",
        "status | Missing required parameter: 'DIR'",
        "status nowhere | is not a run directory",
        "generate --prompt x | Missing required option: '--model=DIR'",
        "generate --model nowhere --prompt x | neither a model directory",
        "eval | Missing required parameter: 'MODEL'",
        "eval nowhere | neither a model directory",
        "eval nowhere --samples few | --samples",
        "soup a --to x | MODEL",
        "soup a b | Missing required option: '--to=DIR'",
        "soup nowhere elsewhere --to x | neither a model directory",
        "export nowhere --to x | Missing required option: '--format=FORMAT'",
        "export nowhere --to x --format onnx | --format",
        "export nowhere --to x --format gguf --type Q4 | choose F32, F16, Q8_0",
        "chaos nowhere.conf | nowhere.conf",
        "chaos --faults many | --faults",
        "node --roles learner | --seed-nodes",
        "node --roles learner --seed-nodes a | no address of a node",
        "node --roles learner --seed-nodes a:1 --bootstrap dns | two ways to find the same cluster",
        "node --roles supervisor --transport pigeon | none of aeron-udp, tcp and tls-tcp",
        "node --roles supervisor --transport tls-tcp | needs --tls-certificate",
        "node --roles supervisor --tls-key a | Certificates are for --transport tls-tcp",
        "node --roles supervisor --management no | no address of a node",
        "completion | Missing required parameter: 'SHELL'",
        "completion fish | SHELL",
      })
  void badUsageIsASentence(String command, String part) {
    String said = line.refuse((Object[]) command.split(" "));
    assertTrue(said.contains(part), said);
    assertTrue(said.lines().count() <= 3, said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "plan", "status", "generate", "eval", "soup", "export", "chaos"})
  void everyCommandTeachesByExample(String command) {
    String help = line.succeed(command, "--help");
    assertTrue(help.contains("Example"), help);
    assertTrue(help.contains("  troupe " + command), help);
    assertTrue(line.succeed("--help").contains("troupe " + command), command);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void theCompletionScriptKnowsEveryCommand(String shell) throws Exception {
    String script = line.succeed("completion", shell);
    for (String command : new String[] {"run", "eval", "soup", "export", "completion"}) {
      assertTrue(script.contains("_picocli_troupe_" + command), command);
    }
    assertEquals(shell.equals("zsh"), script.startsWith("autoload"));
    Path file = Files.writeString(folder.resolve("completion"), script);
    Process check = new ProcessBuilder("bash", "-n", file.toString()).inheritIO().start();
    assertTrue(check.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, check.exitValue());
  }
}
