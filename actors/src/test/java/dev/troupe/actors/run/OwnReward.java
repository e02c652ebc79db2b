package dev.troupe.actors.run;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import dev.troupe.actors.cluster.NodeAddress;
import dev.troupe.actors.cluster.NodeSettings;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.reward.Reward;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.reward.RewardFunction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A program of its own that plays the reward of a run elsewhere, with an actor that finds every
 * rollout worth 7.
 */
public final class OwnReward {
  static final double WORTH = 7;
  private static final Duration PATIENCE = Duration.ofSeconds(100);

  private OwnReward() {}

  /** The run that supervisor and reward agree on; its own reward function is worth nothing. */
  static RunDraft draft(Path directory) {
    return RunDraft.named("shared")
        .directory(directory)
        .with("threads", 1)
        .policy(
            Part.empty()
                .with("family", "llama")
                .with("width", 16)
                .with("layers", 2)
                .with("heads", 2)
                .with("feed-forward", 32)
                .with("context", 16),
            Part.of("characters").with("alphabet", "0123456789>"))
        .task(Part.of("sort-digits").with("digits", 3).with("held-out", 100))
        .reward(RewardFunction.of("nothing", (example, completion) -> 0), 1)
        .with("sampling.max-tokens", 5)
        .with("optimizer.learning-rate", 1e-2)
        .stage(Stage.of("grpo", "grpo").from("model").steps(3).groups(4, 2));
  }

  /** A node of that run. */
  static NodeSettings node(Set<Role> roles, NodeAddress own, List<NodeAddress> seeds, Path secret) {
    return new NodeSettings(
        roles,
        own,
        0,
        secret,
        seeds,
        NodeSettings.Transport.TCP,
        NodeSettings.Detection.FAST,
        Duration.ofSeconds(60));
  }

  /** Scores groups by no reward function at all. */
  static Behavior<Reward.Command> sevens(Set<TicketId> groups) {
    return Behaviors.receive(Reward.Command.class)
        .onMessage(
            Reward.Score.class,
            score -> {
              for (Group group : score.part().groups()) {
                var outcome = new Outcome.Scored(WORTH, Map.of("nothing", WORTH));
                List<Outcome> all = Collections.nCopies(group.rollouts().size(), outcome);
                score
                    .replyTo()
                    .tell(
                        new Experience.GroupRewarded(
                            score.part().unit().id(), new RewardPart(group.ticket().id(), all, 0)));
                groups.add(group.ticket().id());
              }
              return Behaviors.same();
            })
        .build();
  }

  /**
   * @param arguments the run directory, the supervisor's port, the secret, where to write how many
   *     groups were scored
   */
  public static void main(String[] arguments) throws Exception {
    Set<TicketId> groups = ConcurrentHashMap.newKeySet();
    NodeSettings node =
        node(
            Set.of(Role.REWARD),
            new NodeAddress("127.0.0.2", 0),
            List.of(new NodeAddress("127.0.0.1", Integer.parseInt(arguments[1]))),
            Path.of(arguments[2]));
    RunDraft draft =
        draft(Path.of(arguments[0]))
            .casting(all -> all.withReward((usual, examples) -> sevens(groups)));
    try (ClusterNode process = draft.join(node)) {
      Optional<RunOutcome> outcome = process.await(PATIENCE);
      Files.writeString(Path.of(arguments[3]), groups.size() + " " + outcome.isPresent());
    }
  }
}
