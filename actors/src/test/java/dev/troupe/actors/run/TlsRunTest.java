package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.cluster.Certificates;
import dev.troupe.actors.cluster.TlsFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes whose messages are encrypted and that let in only whom their authority has signed. */
class TlsRunTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String STAGES =
      "{ name = sft, kind = sft, from = model, steps = 3, batch = 8 }";

  @TempDir private Path directory;

  private static String[] options(TlsFiles files, String... more) {
    var all = new ArrayList<>(List.of("--transport", "tls-tcp"));
    all.addAll(List.of("--tls-certificate", files.certificate().toString()));
    all.addAll(List.of("--tls-key", files.key().toString()));
    all.addAll(List.of("--tls-authority", files.authority().toString()));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void nodesOfOneAuthorityMeetAndStrangersStayOutside() throws Exception {
    Path alone = directory.resolve("embedded");
    SmallRuns.complete(SmallRuns.settings(alone, STAGES));
    Path recipe =
        Files.writeString(
            directory.resolve("small.conf"), SmallRuns.recipe(directory.resolve("x"), STAGES));
    var certificates = new Certificates(directory.resolve("ours"));
    var foreign = new Certificates(directory.resolve("theirs"));
    try (var nodes = new Nodes(directory.resolve("cluster"), recipe)) {
      Nodes.Member supervisor =
          nodes.supervisor(options(certificates.node("supervisor", "troupe"), "--patience", "150"));
      nodes.await(supervisor, "its start", PATIENCE, () -> supervisor.says("to [Up]"));

      Nodes.Member stranger =
          nodes.join(
              "stranger", "learner", options(foreign.node("node", "troupe"), "--patience", "6"));
      Nodes.Member namesake =
          nodes.join(
              "namesake",
              "learner",
              options(certificates.node("other", "another-cluster"), "--patience", "6"));
      Nodes.Member plain = nodes.join("plain", "learner", "--transport", "tcp", "--patience", "6");
      for (Nodes.Member refused : List.of(stranger, namesake, plain)) {
        assertEquals(2, nodes.exit(refused, PATIENCE), nodes::everythingOrNothing);
        assertTrue(refused.text().contains("No node of a cluster answers at"), refused.text());
        assertEquals(1, refused.text().lines().count(), refused.text());
      }
      assertTrue(stranger.text().contains("answers only to nodes whose certificate"));

      Nodes.Member learner =
          nodes.join("learner", "learner", options(certificates.node("learner", "troupe")));
      nodes.assertDone(supervisor, PATIENCE);
      nodes.assertDone(learner, PATIENCE);
      assertEquals(Nodes.digest(alone, "sft"), Nodes.digest(nodes.run(), "sft"));
    }
  }
}
