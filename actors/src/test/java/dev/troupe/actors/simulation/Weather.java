package dev.troupe.actors.simulation;

import dev.troupe.actors.simulation.Company.Kind;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** What happens to the nodes of a company by and by: seeded, so that it happens again. */
final class Weather {
  private static final Duration REPLACED_AFTER = Duration.ofMinutes(3);

  private final World world;
  private final Company company;
  private final SplittableRandom random;

  Weather(World world, Company company, long seed) {
    this.world = world;
    this.company = company;
    this.random = new SplittableRandom(seed);
  }

  /** Something at moments that are this far apart in the mean and do not know of each other. */
  private void nowAndThen(Duration mean, Runnable event) {
    double gap = -Math.log(1 - random.nextDouble()) * mean.toNanos();
    world
        .time()
        .after(
            Duration.ofNanos((long) gap),
            () -> {
              if (company.outcome().isEmpty()) {
                world.outside(event);
                nowAndThen(mean, event);
              }
            });
  }

  /** Nodes of a kind are lost and replaced by others after a while. */
  Weather losses(Kind kind, Duration mean) {
    nowAndThen(
        mean,
        () -> {
          List<String> nodes = company.nodes(kind);
          if (nodes.size() > 1) {
            String node = nodes.get(random.nextInt(nodes.size()));
            company.lose(node);
            String name = node.substring(0, (node + '.').indexOf('.'));
            world.time().after(REPLACED_AFTER, () -> company.join(kind, name));
          }
        });
    return this;
  }

  /** The learner is lost and replaced. */
  Weather learnerLosses(Duration mean) {
    nowAndThen(mean, () -> company.replaceLearner(REPLACED_AFTER));
    return this;
  }

  /** The supervisor is lost and replaced. */
  Weather officeLosses(Duration mean) {
    nowAndThen(mean, () -> company.replaceOffice(Duration.ofSeconds(30)));
    return this;
  }

  /** A generator halts for a while that may be longer than the failure detector waits. */
  Weather freezes(Duration mean) {
    nowAndThen(
        mean,
        () -> {
          List<String> nodes = company.nodes(Kind.GENERATOR);
          if (!nodes.isEmpty()) {
            company.freeze(
                nodes.get(random.nextInt(nodes.size())),
                Duration.ofSeconds(2 + random.nextInt(120)));
          }
        });
    return this;
  }

  /** A tenth of the generators cannot be reached for a while. */
  Weather partitions(Duration mean) {
    nowAndThen(
        mean,
        () -> {
          Set<String> aside = new HashSet<>();
          for (String node : company.nodes(Kind.GENERATOR)) {
            if (random.nextInt(10) == 0) {
              aside.add(node);
            }
          }
          company.part(aside, Duration.ofSeconds(2 + random.nextInt(40)));
        });
    return this;
  }

  /** Devices are lost while they decode, and weights arrive damaged. */
  Weather engineFaults(Duration mean) {
    nowAndThen(
        mean,
        () -> {
          if (random.nextBoolean()) {
            company.faults().brokenUnits++;
          } else {
            company.faults().damagedWeights++;
          }
        });
    return this;
  }
}
