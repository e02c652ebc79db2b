package dev.troupe.actors.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunListener;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.run.RunStatus;
import dev.troupe.actors.supervisor.CompanyState;
import dev.troupe.actors.supervisor.CompanyState.Member;
import dev.troupe.actors.supervisor.Wait;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The live page, from the opening of its port to the end of the process or of this object. It is
 * told of the run as that comes to be: where its directory is, what happens, and whom to ask.
 */
public final class RunPage implements RunListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunPage.class);
  private static final long LOOK_MILLIS = 500;

  /**
   * Looking takes the lock of the directory for an instant, so it is not done with every glance.
   */
  private static final int LOOKS_A_LIVENESS = 8;

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpServer server;
  private final Gate gate;
  private final String host;
  private final PageHandler handler;
  private final ExecutorService serving = Executors.newCachedThreadPool(threads("troupe-page"));
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(threads("troupe-page-watch"));
  private final List<ScheduledFuture<?>> rhythms = new CopyOnWriteArrayList<>();
  private final Clock clock;

  private RunPage(HttpServer server, Gate gate, String host, Clock clock) {
    this.server = server;
    this.gate = gate;
    this.host = host;
    this.handler = new PageHandler(gate);
    this.clock = clock;
    server.setExecutor(serving);
    server.createContext("/", handler);
    server.start();
  }

  /**
   * Opens the port on this machine's loopback address; until a run is shown, the page says so.
   *
   * @param port 0 for any free one
   * @throws RunException if the port is taken
   */
  public static RunPage open(int port, Clock clock) {
    return open(new PageAddress("127.0.0.1", port, PageAddress.usualToken()), clock);
  }

  /**
   * Opens a port. Off this machine's loopback address readers need a token, and what they read is
   * not encrypted.
   *
   * @throws RunException if the port is taken, the address is not of this machine, or the file of
   *     the token cannot be used
   */
  public static RunPage open(PageAddress address, Clock clock) {
    InetSocketAddress socket = address.socket();
    Gate gate = address.gate();
    try {
      return new RunPage(HttpServer.create(socket, 0), gate, named(socket), clock);
    } catch (IOException e) {
      throw new RunException(
          "The page cannot be served at %s:%d: %s; give another port, or 0 for any free one."
              .formatted(address.host(), address.port(), e.getMessage()),
          e);
    }
  }

  /** A name to reach it by: that of this machine, if it listens at all addresses. */
  private static String named(InetSocketAddress socket) throws IOException {
    return socket.getAddress().isAnyLocalAddress()
        ? InetAddress.getLocalHost().getHostName()
        : socket.getAddress().getHostAddress();
  }

  /** Where a browser finds the page; with the token, if it needs one. */
  public URI address() {
    String bare = "http://" + host + ":" + server.getAddress().getPort() + "/";
    return URI.create(gate.token().map(it -> bare + "?" + Gate.TOKEN + "=" + it).orElse(bare));
  }

  /**
   * Shows a directory whose run, if it is alive, is in another process.
   *
   * @throws RunException if it is no run directory
   */
  public void show(Path directory) {
    show(directory, new SlowPulse(directory));
  }

  /** Shows the directory of a run in this process. */
  public void showOwn(Path directory) {
    // The lock of a directory must not be tried by the process that holds it: that would free it.
    show(directory, () -> true);
  }

  private void show(Path directory, BooleanSupplier liveness) {
    var watch = new RunWatch(directory, liveness);
    watch.look();
    handler.show(watch);
    regularly(watch::look, LOOK_MILLIS);
  }

  /** Asks the company of the shown run from now on what everybody is doing. */
  public void attend(CompanySource company) {
    regularly(() -> ask(company), 2 * LOOK_MILLIS);
  }

  private void regularly(Runnable task, long millis) {
    Runnable careful =
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.warn("the page cannot be brought up to date; tried again", e);
          }
        };
    rhythms.add(looking.scheduleWithFixedDelay(careful, millis, millis, TimeUnit.MILLISECONDS));
  }

  private void ask(CompanySource company) {
    RunWatch watch = handler.watch();
    if (watch == null) {
      return;
    }
    company
        .ask()
        .whenComplete(
            (state, failure) -> {
              if (state != null) {
                watch.attend(json(state), Stall.of(state.waits(), clock.instant()));
                watch.meters().attend(state);
              }
            });
  }

  /** Notes warnings; everything else is read from the directory. */
  @Override
  public void on(RunEvent event) {
    RunWatch watch = handler.watch();
    if (watch != null && event instanceof RunEvent.WarningRaised warning) {
      watch.warn(warning.sentence());
    }
  }

  private static JsonNode json(CompanyState state) {
    ObjectNode json = JSON.createObjectNode();
    json.put("phase", state.phase());
    json.put("stage", state.stage());
    json.put("step", state.step());
    json.put("totalSteps", state.totalSteps());
    state.policy().ifPresent(policy -> json.put("policy", policy.toString()));
    ArrayNode members = json.putArray("members");
    for (Member member : state.members()) {
      ObjectNode entry = members.addObject();
      entry.put("name", member.name());
      entry.put("doing", member.doing());
      member.version().ifPresent(version -> entry.put("version", version.toString()));
    }
    ArrayNode waits = json.putArray("waits");
    for (Wait wait : state.waits()) {
      ObjectNode entry = waits.addObject();
      entry.put("what", wait.what());
      entry.put("since", millis(wait.since()));
      entry.put("deadline", millis(wait.deadline()));
      entry.put("onExpiry", wait.onExpiry());
    }
    return json;
  }

  private static long millis(Instant time) {
    return time.toEpochMilli();
  }

  private static ThreadFactory threads(String name) {
    return task -> {
      var thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public void close() {
    handler.close();
    rhythms.forEach(rhythm -> rhythm.cancel(false));
    looking.shutdownNow();
    server.stop(0);
    serving.shutdownNow();
  }

  /** Whether a process is at a run, asked every few looks only. */
  private static final class SlowPulse implements BooleanSupplier {
    private final Path directory;
    private int looks;
    private boolean isAlive;

    SlowPulse(Path directory) {
      this.directory = directory;
    }

    @Override
    public boolean getAsBoolean() {
      if (looks++ % LOOKS_A_LIVENESS == 0) {
        try {
          isAlive = RunStatus.isAlive(directory);
        } catch (RunException e) {
          isAlive = false; // A directory that this user may only read.
        }
      }
      return isAlive;
    }
  }
}
