package dev.troupe.actors.run;

import dev.troupe.actors.cluster.ClusterSystem;
import dev.troupe.actors.cluster.DriverDirectory;
import dev.troupe.actors.cluster.NodeSettings;
import dev.troupe.actors.cluster.SecretFile;
import dev.troupe.actors.event.EventStream;
import dev.troupe.actors.event.RunListener;
import dev.troupe.actors.node.Applicant;
import dev.troupe.actors.node.Office;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.weights.AeronExchange;
import dev.troupe.actors.weights.HolderBook;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.transport.DataPlane;
import dev.troupe.runtime.transport.PlaneSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * This process as a node of a run that many processes share: start it, wait for the outcome of the
 * run, close it.
 */
public final class ClusterNode implements AutoCloseable {
  private final DataPlane plane;
  private final HolderBook holders;
  private final Workshop workshop;
  private final CompanyProcess process;
  private final EventStream events;

  /**
   * How a node takes part, beside what the run computes.
   *
   * @param command what a person types to resume the run
   * @param opened told the run directory as soon as this node supervises the run
   * @param admitted told the name of the run and its epoch when the node takes part
   * @param casting the program's own rewards and actors
   * @param events told what happens, if the supervisor works here
   */
  public record Options(
      String command,
      Consumer<Path> opened,
      BiConsumer<String, Integer> admitted,
      Casting casting,
      EventStream events) {
    /** The usual company. */
    public Options(String command, Consumer<Path> opened, BiConsumer<String, Integer> admitted) {
      this(command, opened, admitted, Casting.usual(), new EventStream());
    }
  }

  /**
   * What lets others have run directories that were supervised here. The office may move on while a
   * last decision is still on its way to the journal, so nobody else has them before the end of all
   * actors here.
   */
  private final Queue<Runnable> lettingGo = new ConcurrentLinkedQueue<>();

  private ClusterNode(
      RunSettings settings, NodeSettings given, Options options, RunListener listener) {
    this.events = options.events();
    NodeSettings node = given.settled();
    SecretFile secret = SecretFile.of(node.secret());
    String name = node.address().toString();
    Path driver = DriverDirectory.own();
    this.plane =
        new DataPlane(
            PlaneSettings.of(node.address().host(), node.dataPort(), driver, secret.secret()));
    this.holders = new HolderBook(name, plane.place().endpoint());
    Workshop made = null;
    try {
      made =
          new Workshop(
              settings,
              options.casting(),
              Optional.of(plane),
              accelerator ->
                  new AeronExchange(plane, accelerator, holders, AeronExchange.Options.USUAL));
      this.workshop = made;
      Applicant applicant = made.applicant(name, node.roles(), secret.fingerprint());
      this.process =
          new CompanyProcess(
              how ->
                  ClusterSystem.start(
                      node,
                      driver,
                      applicant,
                      workshop,
                      opening(settings, applicant, options, events.and(listener)),
                      workshop.journal(),
                      holders,
                      how),
              options.admitted());
    } catch (RuntimeException e) {
      if (made != null) {
        made.close();
      }
      plane.close();
      throw e;
    }
  }

  private Supplier<Office.Opening> opening(
      RunSettings settings, Applicant applicant, Options options, RunListener listener) {
    return () -> {
      RunDirectory directory =
          RunDirectory.open(settings.directory(), settings, WallClock.system());
      options.opened().accept(directory.path());
      try {
        Office.Opening opening =
            workshop.opening(directory, applicant, options.command(), WallClock.system(), listener);
        return opening.closing(() -> lettingGo.add(opening.close()));
      } catch (RuntimeException e) {
        directory.close();
        throw e;
      }
    };
  }

  /**
   * Starts the node.
   *
   * @param settings of the run, the same on all its nodes
   * @param node where it is and what it does
   * @param listener told what happens, if the supervisor works here
   * @throws RuntimeException with a sentence for people if it cannot start: bad settings, data,
   *     model or address
   */
  public static ClusterNode start(
      RunSettings settings, NodeSettings node, Options options, RunListener listener) {
    return new ClusterNode(settings, node, options, listener);
  }

  /**
   * Waits for the outcome of the run.
   *
   * @return empty if the run still goes on after that time
   * @throws RuntimeException with a sentence for people if the node cannot take part
   */
  public Optional<RunOutcome> await(Duration time) throws InterruptedException {
    return process.await(time);
  }

  /** Asks for the end at once: of the run if this node supervises, else of the node alone. */
  public void stop(String reason) {
    process.stop(reason, Duration.ZERO);
  }

  /**
   * Asks for the end in order: of the run if this node supervises, whose step under way is then
   * trained and saved; else of the node alone, which finishes the unit that it decodes and leaves
   * the rest to others.
   *
   * @param grace how long that may take; then it ends as it is
   */
  public void drain(String reason, Duration grace) {
    process.stop(reason, grace);
  }

  /** Leaves the cluster and releases everything; waits for native work to end. */
  @Override
  public void close() {
    process.close();
    lettingGo.forEach(Runnable::run);
    holders.close();
    workshop.close();
    plane.close();
    EmbeddedRun.finish(events);
  }
}
