package dev.troupe.actors.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The accelerator of a simulated node: does one thing at a time, each in the time that it would
 * take.
 */
final class Engine implements Executor {
  private final World world;
  private final String node;
  private final Function<Object, Duration> durations;
  private final Queue<Work> waiting = new ArrayDeque<>();
  private boolean isBusy;
  private boolean isStuck;

  private record Work(Runnable task, Duration duration) {}

  /**
   * @param durations how long something takes, by the message that it follows from
   */
  Engine(World world, String node, Function<Object, Duration> durations) {
    this.world = world;
    this.node = node;
    this.durations = durations;
  }

  /** From now on nothing that is begun ends. */
  void hang() {
    isStuck = true;
  }

  @Override
  public void execute(Runnable task) {
    waiting.add(new Work(task, durations.apply(world.message())));
    next();
  }

  private void next() {
    if (isBusy || waiting.isEmpty()) {
      return;
    }
    isBusy = true;
    Work work = waiting.remove();
    world.time().after(work.duration(), () -> world.onNode(node, () -> finish(work)));
  }

  private void finish(Work work) {
    if (isStuck) {
      return;
    }
    isBusy = false;
    work.task().run();
    next();
  }
}
