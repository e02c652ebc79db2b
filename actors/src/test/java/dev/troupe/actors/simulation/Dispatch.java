package dev.troupe.actors.simulation;

import akka.dispatch.DispatcherPrerequisites;
import akka.dispatch.ExecutorServiceConfigurator;
import akka.dispatch.ExecutorServiceFactory;
import com.typesafe.config.Config;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** The only thread of a simulated world, as a dispatcher; made by Akka, by name. */
public final class Dispatch extends ExecutorServiceConfigurator {
  private final World world;

  /** Called by Akka. */
  public Dispatch(Config config, DispatcherPrerequisites prerequisites) {
    super(config, prerequisites);
    this.world = World.of(prerequisites.settings().config());
  }

  @Override
  public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
    return () -> new Here(world);
  }

  private static final class Here extends AbstractExecutorService {
    private final World world;
    private boolean isShutDown;

    Here(World world) {
      this.world = world;
    }

    @Override
    public void execute(Runnable task) {
      world.execute(task);
    }

    @Override
    public void shutdown() {
      isShutDown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      isShutDown = true;
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return isShutDown;
    }

    @Override
    public boolean isTerminated() {
      return isShutDown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return isShutDown;
    }
  }
}
