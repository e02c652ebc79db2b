package dev.troupe.actors.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.environment.EnvironmentCatalog;
import dev.troupe.runtime.environment.World;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentProcessTest {
  private static final Example EXAMPLE = new Example("one", "say 'hi'", "ho", Map.of("level", "3"));

  private static Optional<String> run(Duration deadline, String... command)
      throws InterruptedException {
    World world =
        EnvironmentCatalog.standard()
            .create(
                ConfigFactory.parseString("kind = agent")
                    .withValue("command", ConfigValueFactory.fromIterable(List.of(command))));
    var agent = (World.Agent) world.player();
    URI base = URI.create("http://127.0.0.1:1/sessions/k/v1");
    return new AgentProcess(agent.program(), EXAMPLE, base, "k", deadline).run();
  }

  private static Optional<String> shell(String script, String... more) throws InterruptedException {
    var command = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
    command.addAll(List.of(more));
    return run(Duration.ofSeconds(50), command.toArray(String[]::new));
  }

  @Test
  void aProgramIsGivenItsExampleAndTheEndpoint() throws Exception {
    String script =
        """
        read line
        test "$1" = "say 'hi' 3" && test "$OPENAI_API_KEY" = k || exit 4
        test "$OPENAI_BASE_URL" = http://127.0.0.1:1/sessions/k/v1 || exit 5
        case "$line" in *'"answer":"ho"'*'"level":"3"'*) exit 0;; esac
        exit 6
        """;
    assertEquals(
        Optional.empty(), shell(script.replace("{", "{{").replace("}", "}}"), "{prompt} {level}"));
  }

  @Test
  void aProgramThatFailsIsAFailureWithItsWords() throws Exception {
    assertEquals(
        Optional.of("the agent ended with exit code 3; it said: no model"),
        shell("echo no model >&2; exit 3"));
  }

  @Test
  void aProgramThatDoesNotEndIsEndedAtItsDeadlineWithItsChildren() throws Exception {
    Optional<String> failure =
        run(Duration.ofMillis(300), "/bin/sh", "-c", "sleep 999 & sleep 999");

    assertEquals(Optional.of("the agent did not end within PT0.3S"), failure);
  }

  @Test
  void aProgramThatIsNotThereOrLacksAFieldIsAFailure() throws Exception {
    String missing = run(Duration.ofSeconds(50), "/no/such/agent").orElseThrow();
    assertTrue(missing.startsWith("the agent cannot be started: "), missing);
    String unknown = run(Duration.ofSeconds(50), "/bin/echo", "{colour}").orElseThrow();
    assertTrue(unknown.contains("colour"), unknown);
  }
}
