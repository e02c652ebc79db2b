package dev.troupe.actors.simulation;

import dev.troupe.actors.generator.Decoder;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.RewardScorer;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.reference.FrozenModels;
import dev.troupe.actors.simulation.Faults.Hang;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.reward.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What the simulated nodes compute, and how long it takes them. */
final class Labour {
  /** A checkpoint is written while the next step is trained. */
  private static final Duration WRITING = Duration.ofSeconds(20);

  private static final Duration REWARD_TIME = Duration.ofMillis(400);
  private static final Duration TOKEN_TIME = Duration.ofSeconds(15);
  private static final Duration FOR_EVER = Duration.ofDays(1000);

  private final World world;
  private final Storage storage;
  private final Faults faults;

  Labour(World world, Storage storage, Faults faults) {
    this.world = world;
    this.storage = storage;
    this.faults = faults;
  }

  /** The rewards of a group, after the time that they take. */
  CompletableFuture<List<Outcome>> judged(Group group) {
    var judged = new CompletableFuture<List<Outcome>>();
    world
        .time()
        .after(
            unless(Hang.REWARD, REWARD_TIME),
            () -> world.outside(() -> judged.complete(Content.outcomes(group))));
    return judged;
  }

  /** How long something takes: for ever if it hangs. */
  Duration unless(Hang hang, Duration usual) {
    return faults.hangs.contains(hang) ? FOR_EVER : usual;
  }

  /** A stage is opened and closed behind the checkpoints that are still being written. */
  Duration writing(Object message) {
    return message instanceof Learner.Open
        ? unless(Hang.OPENING, Duration.ZERO)
        : message instanceof Learner.Conclude
            ? unless(Hang.CLOSING, Duration.ZERO)
            : unless(Hang.SAVING, WRITING);
  }

  /** How long the learner takes for what it is told. */
  Duration learning(Object message) {
    if (message instanceof Learner.Open) {
      return unless(Hang.OPENING, Duration.ofSeconds(20));
    } else if (message instanceof Learner.Conclude) {
      return unless(Hang.CLOSING, Duration.ofSeconds(20));
    } else if (message instanceof Learner.Save) {
      return Duration.ofSeconds(5);
    }
    return unless(Hang.TRAINING, Duration.ofSeconds(45));
  }

  /**
   * How long a generator takes for what it is told.
   *
   * @param slowness of its device
   */
  Duration decoding(Object message, double slowness) {
    if (!(message instanceof Generator.Grant grant)) {
      return unless(Hang.TAKING_UP, Duration.ofSeconds(5));
    }
    if (faults.hangs.contains(Hang.DECODING)) {
      return FOR_EVER;
    }
    int longest =
        grant.unit().tickets().stream()
            .mapToInt(
                ticket -> {
                  int most = 0;
                  for (int sample = 0; sample < ticket.samples(); sample++) {
                    most = Math.max(most, Content.length(ticket, sample));
                  }
                  return most;
                })
            .max()
            .orElseThrow();
    return Duration.ofNanos((long) (TOKEN_TIME.toNanos() * slowness * longest));
  }

  /** Decodes on a node. */
  Decoder decoder(String node) {
    return new Decoding(node);
  }

  /** Models that say nothing about any token. */
  FrozenModels frozen() {
    return new Frozen();
  }

  /** Decodes with whatever weights it holds, right or wrong: that is for the fence to know. */
  private final class Decoding implements Decoder {
    private final String node;
    private PolicyVersion held;

    Decoding(String node) {
      this.node = node;
    }

    @Override
    public String adopt(PolicyVersion version) {
      held = new PolicyVersion(version.epoch(), version.number(), arriving(version));
      return held.digest();
    }

    private String arriving(PolicyVersion version) {
      if (faults.damagedWeights == 0) {
        return version.digest();
      }
      faults.damagedWeights--;
      return Content.digest(Content.mix(Content.weights(version.digest()), 1));
    }

    @Override
    public PolicyVersion held() {
      return held;
    }

    @Override
    public List<Group> decode(
        WorkUnit unit, String generator, Supplier<Optional<PolicyVersion>> newer) {
      if (faults.brokenUnits > 0) {
        faults.brokenUnits--;
        throw new IllegalStateException("the device of " + node + " was lost");
      }
      storage.decoded(unit);
      PolicyVersion begun = held;
      PolicyVersion taken =
          newer
              .get()
              .filter(it -> it.isNewerThan(begun) && arriving(it).equals(it.digest()))
              .orElse(null);
      held = taken == null ? begun : taken;
      return unit.tickets().stream()
          .map(ticket -> Content.group(ticket, generator, unit.id(), begun, taken))
          .toList();
    }

    @Override
    public void close() {}
  }

  private static final class Frozen implements FrozenModels {
    @Override
    public void hold(List<PolicyVersion> versions) {}

    @Override
    public List<List<float[]>> logps(
        PolicyVersion version, List<Group> groups, double temperature) {
      return groups.stream()
          .map(group -> group.rollouts().stream().map(it -> new float[it.length()]).toList())
          .toList();
    }

    @Override
    public List<List<float[]>> scores(RewardScorer scorer, List<Group> groups) {
      throw new UnsupportedOperationException("no reward model is asked");
    }

    @Override
    public void close() {}
  }
}
