package dev.troupe.actors.chat;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.environment.AgentProgram;
import dev.troupe.runtime.environment.World;
import dev.troupe.runtime.generation.GenerationEngine;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Lets agent programs, one a rollout, talk to the policy, and keeps what they sampled as their
 * rollouts. The endpoint listens on the loopback address of the generator's machine. One thread at
 * a time plays, and decodes meanwhile.
 */
public final class AgentPlay implements AutoCloseable {
  private static final Duration BEAT = Duration.ofMillis(20);
  private static final int KEY_BYTES = 16;

  private final PromptTokens prompts;
  private final World world;
  private final AgentProgram program;
  private final CompletionDesk desk;
  private final ChatServer server;
  private final ExecutorService threads;
  private final SecureRandom keys = new SecureRandom();

  /**
   * Opens the endpoint.
   *
   * @param program what is started for each rollout
   */
  public AgentPlay(PromptTokens prompts, World world, AgentProgram program) {
    this.prompts = prompts;
    this.world = world;
    this.program = program;
    this.desk = new CompletionDesk(4 * world.threads());
    this.server =
        ChatServer.open(
            "127.0.0.1",
            0,
            new ChatServer.Setup(
                "policy", prompts, desk, world.deadline(), Optional.empty(), Optional.empty()),
            Clock.systemUTC());
    this.threads =
        Executors.newFixedThreadPool(
            world.threads(),
            task -> {
              var thread = new Thread(task, "troupe-agent");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** A rollout under way. */
  private record Scene(
      Ticket ticket, AgentSession session, String key, Future<Optional<String>> process) {}

  /**
   * Plays all rollouts of a unit to their ends.
   *
   * @param engine with the weights of the unit's version
   * @return one group a ticket, in order
   */
  public List<Group> play(
      WorkUnit unit,
      Function<Ticket, Example> examples,
      Provenance provenance,
      GenerationEngine engine) {
    var scenes = new ArrayList<Scene>();
    for (Ticket ticket : unit.tickets()) {
      for (int sample = 0; sample < ticket.samples(); sample++) {
        scenes.add(begin(unit, ticket, sample, examples.apply(ticket)));
      }
    }
    // Each program has its deadline, and at most this many wait for another to end.
    Duration longest = world.deadline().multipliedBy(scenes.size() / world.threads() + 2L);
    try {
      decode(scenes, engine, System.nanoTime() + longest.toNanos());
      return groups(unit, scenes, examples, provenance);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while agents were talking", e);
    } finally {
      scenes.forEach(this::end);
      desk.abandon("the agent's session is over");
    }
  }

  private Scene begin(WorkUnit unit, Ticket ticket, int sample, Example example) {
    byte[] bytes = new byte[KEY_BYTES];
    keys.nextBytes(bytes);
    String key = HexFormat.of().formatHex(bytes);
    var session =
        new AgentSession(
            prompts,
            unit.sampling(),
            unit.seed(),
            ticket.draw(),
            sample,
            world.maxTurns(),
            world.deadline());
    server.admit(key, session);
    URI base = URI.create(server.address() + "/sessions/" + key + "/v1");
    var process = new AgentProcess(program, example, base, key, world.deadline());
    return new Scene(ticket, session, key, threads.submit(process::run));
  }

  private void decode(List<Scene> scenes, GenerationEngine engine, long end)
      throws InterruptedException {
    while (scenes.stream().anyMatch(scene -> !scene.process().isDone())
        && System.nanoTime() < end) {
      if (desk.await(BEAT)) {
        desk.advance(engine, prompts.tokenizer());
      }
    }
  }

  private List<Group> groups(
      WorkUnit unit, List<Scene> scenes, Function<Ticket, Example> examples, Provenance provenance)
      throws InterruptedException {
    var groups = new ArrayList<Group>();
    int next = 0;
    for (Ticket ticket : unit.tickets()) {
      Example example = examples.apply(ticket);
      var rollouts = new ArrayList<Rollout>();
      for (int sample = 0; sample < ticket.samples(); sample++) {
        Scene scene = scenes.get(next++);
        Optional<String> failure =
            failure(scene).map(reason -> "example %s: %s".formatted(example.id(), reason));
        rollouts.add(scene.session().end(failure, provenance));
      }
      // What the policy saw first is for the program to say: the prompt stands here for its name.
      groups.add(new Group(ticket, prompts.prompt(example), rollouts));
    }
    return groups;
  }

  private Optional<String> failure(Scene scene) throws InterruptedException {
    try {
      return scene.process().get(1, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return Optional.of("the agent did not end within " + world.deadline());
    } catch (ExecutionException e) {
      return Optional.of("the agent could not be run: " + e.getCause());
    }
  }

  private void end(Scene scene) {
    server.dismiss(scene.key());
    scene.process().cancel(true);
  }

  @Override
  public void close() {
    server.close();
    threads.shutdownNow();
  }
}
