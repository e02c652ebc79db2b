package dev.troupe.actors.stage;

import dev.troupe.algorithms.ppomax.RewardTransform;
import dev.troupe.algorithms.ppomax.RunningMoments;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;

/**
 * What rewards are measured in: plain numbers, or the moments of all rewards of the stage so far.
 */
final class RewardScale implements Memory {
  private static final String FILE = "rewards.json";
  private static final String COUNT = "count";
  private static final String MEAN = "mean";
  private static final String VARIANCE = "variance";

  private final RewardTransform transform;
  private RunningMoments moments = RunningMoments.none();

  RewardScale(RewardTransform transform) {
    this.transform = transform;
  }

  /** The same trials with their rewards in the new measure, in which these already count. */
  List<List<Trial>> of(List<List<Trial>> groups) {
    double[] rewards = groups.stream().flatMap(List::stream).mapToDouble(Trial::reward).toArray();
    RewardTransform.Transformed transformed = transform.of(rewards, moments);
    moments = transformed.moments();
    PrimitiveIterator.OfDouble next = DoubleStream.of(transformed.rewards()).iterator();
    var measured = new ArrayList<List<Trial>>();
    for (List<Trial> group : groups) {
      measured.add(group.stream().map(trial -> trial.withReward(next.nextDouble())).toList());
    }
    return measured;
  }

  @Override
  public Consumer<Path> snapshot() {
    return Numbers.file(
        FILE, Map.of(COUNT, moments.count(), MEAN, moments.mean(), VARIANCE, moments.variance()));
  }

  @Override
  public void read(Path directory) {
    Map<String, Double> numbers = Numbers.read(directory.resolve(FILE));
    moments = new RunningMoments(numbers.get(COUNT), numbers.get(MEAN), numbers.get(VARIANCE));
  }
}
