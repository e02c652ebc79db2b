package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program in Python that talks plain HTTP to the policy, in the whole company. */
class AgentRunTest {
  @TempDir private Path directory;

  private static Path python() {
    return List.of(Path.of("/usr/bin/python3"), Path.of("/usr/local/bin/python3")).stream()
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private static Path agent() throws URISyntaxException {
    return Path.of(AgentRunTest.class.getResource("/dev/troupe/actors/chat/agent.py").toURI());
  }

  private RunSettings settings(String name) throws URISyntaxException {
    Assumptions.assumeTrue(python() != null, "Python 3 is not installed in its usual places.");
    String recipe =
        """
        name = small
        directory = "%s"
        threads = 1
        task { kind = sort-digits, digits = 3, held-out = 10 }
        environment { kind = agent, command = ["%s", "%s", "{prompt}"], threads = 4 }
        reward = [ { kind = environment, weight = 1 } ]
        model { family = llama, width = 16, layers = 2, heads = 2, feed-forward = 32, context = 24 }
        tokenizer { kind = characters, alphabet = "0123456789>" }
        optimizer { learning-rate = 1e-2 }
        sampling { max-tokens = 4 }
        stages = [ { name = grpo, kind = grpo, from = model, steps = 2, prompts = 2, group-size = 3
          unit-prompts = 1, kl.coefficient = 0 } ]
        """
            .formatted(directory.resolve(name), python(), agent());
    return Recipe.parse(recipe, "small", List.of());
  }

  @Test
  void whatAnAgentSampledIsTrainedOnAndIsTheSameAgain() throws Exception {
    RunSettings first = settings("first");
    Map<String, String> digests = SmallRuns.complete(first);

    assertEquals(digests, SmallRuns.complete(settings("second"), 2));
    StepMetrics step = SmallRuns.step(first, "grpo", 1);
    assertEquals(2, step.values().get("turns/mean"));
    assertEquals(0, step.values().get("groups/skipped"));
    assertTrue(step.values().get("reward/std") > 0);
    // The tokens are those that were sampled: the learner finds their log-probabilities again.
    assertTrue(step.values().get("mismatch/max") < 1e-4, step.values().toString());
  }
}
