package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import dev.troupe.actors.cluster.NodeAddress;
import dev.troupe.actors.event.EventStream;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.record.StepMetrics;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.SettingsException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that a program builds, with parts of its own. */
class RunDraftTest {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  @TempDir private Path directory;

  /** A sorter of three digits, rewarded by a lambda for every digit in its place. */
  private RunDraft draft(String name, int steps) {
    return OwnReward.draft(directory.resolve(name))
        .reward(RewardFunction.of("in-place", RunDraftTest::inPlace), 1)
        .with("checkpoints.every", 1)
        .stage(Stage.of("grpo", "more").from("grpo").steps(steps).groups(4, 4).staleness(1));
  }

  private static double inPlace(Example example, String completion) {
    String answer = example.requireAnswer();
    int right = 0;
    for (int i = 0; i < Math.min(answer.length(), completion.length()); i++) {
      right += answer.charAt(i) == completion.charAt(i) ? 1 : 0;
    }
    return right;
  }

  private static Map<String, String> complete(RunDraft draft) throws InterruptedException {
    try (EmbeddedRun run = draft.start()) {
      RunOutcome outcome = run.await(PATIENCE).orElseThrow();
      return assertInstanceOf(RunOutcome.Completed.class, outcome, outcome.toString()).digests();
    }
  }

  private static List<StepMetrics> observed(RunDraft draft) {
    List<StepMetrics> steps = Collections.synchronizedList(new ArrayList<>());
    draft.observedBy(
        EventStream.each(
            observation -> {
              if (observation.event() instanceof RunEvent.StepFinished step) {
                steps.add(step.metrics());
              }
            }));
    return steps;
  }

  @Test
  void aLambdaRewardsAndEveryStepIsObserved() throws Exception {
    RunDraft draft = draft("lambda", 2);
    List<StepMetrics> steps = observed(draft);
    complete(draft);
    assertEquals(5, steps.size());
    for (StepMetrics step : steps) {
      Map<String, Double> values = step.values();
      assertEquals(0, values.get("reward/component/nothing"), 0.0);
      assertEquals(values.get("reward/mean"), values.get("reward/component/in-place"), 1e-6);
    }
  }

  @Test
  void anOwnGeneratorAroundTheUsualOneSeesEveryGrantAndChangesNothing() throws Exception {
    var grants = new AtomicInteger();
    Map<String, String> expected = complete(draft("usual", 2));
    RunDraft counted =
        draft("counted", 2)
            .generators(2)
            .casting(
                all -> all.withGenerator((usual, name, supervisor) -> counting(usual, grants)));
    assertEquals(expected, complete(counted));
    assertTrue(grants.get() >= 5, "grants seen: " + grants);
  }

  private static Behavior<Generator.Command> counting(
      Behavior<Generator.Command> usual, AtomicInteger grants) {
    return Behaviors.intercept(
        () ->
            new BehaviorInterceptor<>(Generator.Command.class) {
              @Override
              public Behavior<Generator.Command> aroundReceive(
                  TypedActorContext<Generator.Command> context,
                  Generator.Command message,
                  ReceiveTarget<Generator.Command> target) {
                if (message instanceof Generator.Grant) {
                  grants.incrementAndGet();
                }
                return target.apply(context, message);
              }
            },
        usual);
  }

  @Test
  void aRunThatIsStoppedInItsMidstGoesOnAndEndsAlike() throws Exception {
    Map<String, String> expected = complete(draft("undisturbed", 4));
    var running = new AtomicReference<EmbeddedRun>();
    RunDraft disturbed = draft("disturbed", 4);
    disturbed.observedBy(
        EventStream.each(
            observation -> {
              if (observation.event() instanceof RunEvent.StepFinished step
                  && step.metrics().stage().equals("grpo")
                  && running.get() != null) {
                running.get().stop("enough for today");
              }
            }));
    try (EmbeddedRun run = disturbed.start()) {
      running.set(run);
      RunOutcome outcome = run.await(PATIENCE).orElseThrow();
      assertInstanceOf(RunOutcome.Stopped.class, outcome);
    }
    assertEquals(expected, complete(draft("disturbed", 4)));
  }

  @Test
  void everyMistakeOfADraftIsNamedBeforeAnythingStarts() {
    RunDraft draft =
        draft("wrong", 0).with("sampling.temprature", 1).stage(Stage.of("grop", "again"));
    var mistakes = assertThrows(SettingsException.class, draft::settings);
    String all = mistakes.getMessage();
    assertTrue(all.contains("temprature"), all);
    assertTrue(all.contains("grop"), all);
    assertTrue(all.contains("draft of shared"), all);
  }

  @Test
  void anOwnRewardActorInASecondProcessScoresTheRunOfThisOne() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path run = directory.resolve("shared");
    Path secret =
        Files.writeString(directory.resolve("secret"), "a secret of the test, 32 letters");
    Path report = directory.resolve("report");
    RunDraft draft = OwnReward.draft(run);
    List<StepMetrics> steps = observed(draft);
    Set<Role> roles = Set.of(Role.SUPERVISOR, Role.GENERATOR, Role.REFERENCE, Role.LEARNER);
    var address = new NodeAddress("127.0.0.1", port);
    Process other = null;
    try (ClusterNode node = draft.join(OwnReward.node(roles, address, List.of(), secret))) {
      other = start(run.toString(), "" + port, secret.toString(), report.toString());
      RunOutcome outcome = node.await(PATIENCE).orElseThrow();
      assertInstanceOf(RunOutcome.Completed.class, outcome, outcome.toString());
      assertTrue(other.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "the other process ends");
    } finally {
      if (other != null) {
        other.destroyForcibly();
      }
    }
    assertEquals("12 true", Files.readString(report)); // 3 steps of 4 groups
    assertEquals(3, steps.size());
    steps.forEach(step -> assertEquals(OwnReward.WORTH, step.values().get("reward/mean")));
  }

  private Process start(String... arguments) throws Exception {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED"));
    command.addAll(List.of("--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED"));
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true"));
    command.addAll(List.of("-cp", Nodes.ownClasspath(), OwnReward.class.getName()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(directory.resolve("other.out").toFile());
    builder.environment().put("OPT_OUT_TRACKING", "true");
    return builder.start();
  }
}
