package dev.troupe.actors.run;

import akka.actor.typed.ActorSystem;
import dev.troupe.actors.node.Node;
import dev.troupe.actors.protocol.RunOutcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** This process as long as its node takes part in a run. */
final class CompanyProcess implements AutoCloseable {
  private static final Duration SHUTDOWN = Duration.ofSeconds(30);

  private final CompletableFuture<RunOutcome> outcome = new CompletableFuture<>();
  private final ActorSystem<Node.Command> system;

  /**
   * @param systems starts the actor system of a node that tells this listener how it goes
   * @param admitted is called with the name of the run and its epoch
   */
  CompanyProcess(
      Function<Node.Listener, ActorSystem<Node.Command>> systems,
      BiConsumer<String, Integer> admitted) {
    this.system =
        systems.apply(
            new Node.Listener() {
              @Override
              public void admitted(String run, int epoch) {
                admitted.accept(run, epoch);
              }

              @Override
              public void ended(RunOutcome how) {
                outcome.complete(how);
              }

              @Override
              public void failed(RuntimeException cause) {
                outcome.completeExceptionally(cause);
              }
            });
    // A node that ends in a way that nobody foresaw must not be waited for.
    system
        .getWhenTerminated()
        .whenComplete(
            (done, failure) ->
                outcome.completeExceptionally(
                    new IllegalStateException("the actors of this process have ended", failure)));
  }

  /**
   * Waits for the outcome.
   *
   * @return empty if the run still goes on after that time
   * @throws RuntimeException for people, if the node cannot take part
   */
  Optional<RunOutcome> await(Duration time) throws InterruptedException {
    try {
      return Optional.of(outcome.get(time.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("the node failed", e.getCause());
    }
  }

  /**
   * Asks for the end: of the run if its supervisor is here, else of this node.
   *
   * @param grace how long what was begun may take to be finished; zero for an end at once
   */
  void stop(String reason, Duration grace) {
    system.tell(new Node.Stop(reason, grace));
  }

  ActorSystem<Node.Command> system() {
    return system;
  }

  @Override
  public void close() {
    system.terminate();
    try {
      system
          .getWhenTerminated()
          .toCompletableFuture()
          .get(SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      system.log().warn("the actors did not end in {}", SHUTDOWN, e);
    }
  }
}
