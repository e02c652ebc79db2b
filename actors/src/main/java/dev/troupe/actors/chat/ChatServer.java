package dev.troupe.actors.chat;

import com.sun.net.httpserver.HttpServer;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.stage.PromptTokens;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The endpoint: a port, the threads that answer, and whom a key names. Requests are answered by the
 * desk, which another thread drives.
 */
final class ChatServer implements AutoCloseable {
  /** Each request has a thread; more are refused. */
  static final int MOST_THREADS = 512;

  private static final long IDLE_SECONDS = 30;

  private final HttpServer server;
  private final ExecutorService threads;
  private final Map<String, AgentSession> sessions = new ConcurrentHashMap<>();

  /**
   * What the endpoint is.
   *
   * @param model its name
   * @param prompts tokenizer and shape of the model
   * @param desk where completions are made
   * @param deadline of one request
   * @param served who answers a request that names no session; empty where all must
   * @param token what such a request must show; empty for nothing
   */
  record Setup(
      String model,
      PromptTokens prompts,
      CompletionDesk desk,
      Duration deadline,
      Optional<ChatHost> served,
      Optional<String> token) {}

  private ChatServer(HttpServer server, Setup setup, Clock clock) {
    this.server = server;
    this.threads =
        new ThreadPoolExecutor(
            0,
            MOST_THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              var thread = new Thread(task, "troupe-chat");
              thread.setDaemon(true);
              return thread;
            },
            // The accepting thread says so itself: it costs little, and slows who asks too much.
            new ThreadPoolExecutor.CallerRunsPolicy());
    server.setExecutor(threads);
    server.createContext("/", new ChatHandler(setup, sessions, clock));
    server.start();
  }

  /**
   * Opens a port.
   *
   * @param host address to listen on
   * @param port 0 for any free one
   * @throws RunException if that cannot be
   */
  static ChatServer open(String host, int port, Setup setup, Clock clock) {
    try {
      var address = new InetSocketAddress(InetAddress.getByName(host), port);
      return new ChatServer(HttpServer.create(address, 0), setup, clock);
    } catch (IOException | IllegalArgumentException e) {
      throw new RunException(
          "The endpoint cannot be served at %s:%d: %s; give another port, or 0 for any free one."
              .formatted(host, port, e.getMessage()),
          e);
    }
  }

  /** Where clients on this machine find it, without a path. */
  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Lets a key name a session. */
  void admit(String key, AgentSession session) {
    sessions.put(key, session);
  }

  /** Forgets a key. */
  void dismiss(String key) {
    sessions.remove(key);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
