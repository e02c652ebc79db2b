package dev.troupe.actors.chat;

import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.generation.GenerationEngine;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A model behind the endpoint, with a thread that decodes. */
public final class ModelServer implements AutoCloseable {
  private static final Duration BEAT = Duration.ofMillis(200);
  private static final long DRAIN_SECONDS = 60;

  private final CompletionDesk desk;
  private final ChatServer server;
  private final GenerationEngine engine;
  private final PromptTokens prompts;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean isClosing;

  /**
   * Where and how a model is served.
   *
   * @param model its name
   * @param host address to listen on
   * @param port 0 for any free one
   * @param token what clients must show; empty for nothing
   * @param mostWaiting requests that wait or are under way; further ones are told to come again
   * @param deadline of a request
   * @param seed of requests that bring none
   */
  public record Options(
      String model,
      String host,
      int port,
      Optional<String> token,
      int mostWaiting,
      Duration deadline,
      long seed) {}

  private ModelServer(
      CompletionDesk desk, ChatServer server, GenerationEngine engine, PromptTokens prompts) {
    this.desk = desk;
    this.server = server;
    this.engine = engine;
    this.prompts = prompts;
    var thread = new Thread(this::decode, "troupe-serve");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Opens the port.
   *
   * @param engine with weights; belongs to the caller, who leaves it alone until this is closed
   * @throws dev.troupe.actors.protocol.RunException if the port cannot be opened
   */
  public static ModelServer open(
      Options options, GenerationEngine engine, PromptTokens prompts, Clock clock) {
    var desk = new CompletionDesk(options.mostWaiting());
    var setup =
        new ChatServer.Setup(
            options.model(),
            prompts,
            desk,
            options.deadline(),
            Optional.of(new ServedModel(prompts, options.seed())),
            options.token());
    ChatServer server = ChatServer.open(options.host(), options.port(), setup, clock);
    return new ModelServer(desk, server, engine, prompts);
  }

  /** The base URL for clients on this machine. */
  public URI address() {
    return server.address().resolve("/v1");
  }

  private void decode() {
    try {
      while (!isClosing) {
        if (desk.await(BEAT)) {
          desk.advance(engine, prompts.tokenizer());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      desk.abandon("the server is closing");
      ended.countDown();
    }
  }

  /** Closes the port, and waits until the engine is not used any more. */
  @Override
  public void close() {
    isClosing = true;
    server.close();
    try {
      if (!ended.await(DRAIN_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("decoding did not end within " + DRAIN_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
