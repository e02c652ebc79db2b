package dev.troupe.actors.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests of those whom the {@link Gate} lets in. Only reading is possible. */
final class PageHandler implements HttpHandler, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PageHandler.class);
  private static final Pattern PARAMETER = Pattern.compile("([a-z]+)=([^&]*)");
  private static final Pattern FROM = Pattern.compile("(?:^|&)from=(\\d{1,9})(?:&|$)");
  private static final String JSON = "application/json";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  /** Steps in one answer: small enough to be read by a browser within a frame or two. */
  private static final int STEPS = 500;

  /** Each open event stream has a thread. */
  private static final int STREAMS = 64;

  private static final Map<String, String> FENCE =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src"
              + " 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  private final Gate gate;
  private final PageFiles files = new PageFiles();
  private final Semaphore streams = new Semaphore(STREAMS);
  private volatile RunWatch watch;
  private volatile boolean isClosed;

  PageHandler(Gate gate) {
    this.gate = gate;
  }

  void show(RunWatch run) {
    watch = run;
  }

  /** The shown run, or null before there is one. */
  RunWatch watch() {
    return watch;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      FENCE.forEach(headers::set);
      if (!isReading(exchange)) {
        headers.set("Allow", "GET, HEAD");
        sentence(exchange, 405, "This page can only be read.");
        return;
      }
      Optional<Gate.Refusal> refusal = gate.refusal(exchange);
      Optional<URI> redirection = refusal.isEmpty() ? gate.redirection(exchange) : Optional.empty();
      if (refusal.isPresent()) {
        sentence(exchange, refusal.get().status(), refusal.get().sentence());
      } else if (redirection.isPresent()) {
        headers.set("Location", redirection.get().toString());
        sentence(exchange, 303, "The page is at " + redirection.get() + ".");
      } else {
        answer(exchange);
      }
    } catch (IOException e) {
      LOG.debug("a browser went away", e);
    } catch (RuntimeException e) {
      LOG.warn("answering {} failed", exchange.getRequestURI(), e);
      throw e;
    }
  }

  private static boolean isReading(HttpExchange exchange) {
    return List.of("GET", "HEAD").contains(exchange.getRequestMethod());
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    Optional<PageFiles.PageFile> file = files.at(path);
    if (file.isPresent()) {
      send(exchange, 200, file.get().type(), file.get().bytes());
      return;
    }
    RunWatch run = watch;
    if (run == null) {
      sentence(exchange, 503, "The run has not begun yet.");
      return;
    }
    switch (path) {
      case "/api/run" -> json(exchange, run.run());
      case "/api/evaluations" -> json(exchange, run.evaluations());
      case "/api/company" -> json(exchange, run.company());
      case "/api/alarms" -> json(exchange, run.alarms());
      case "/api/steps" -> send(exchange, 200, JSON, run.history().slice(from(exchange), STEPS));
      case "/api/rollouts" -> json(exchange, run.rollouts().ranges());
      case "/api/rollouts/step" -> rollouts(exchange, run.rollouts());
      case "/api/changes" -> changes(exchange, run);
      case "/metrics" -> metrics(exchange, run.meters());
      default -> sentence(exchange, 404, "There is nothing at " + path + ".");
    }
  }

  private static void metrics(HttpExchange exchange, RunMeters meters) throws IOException {
    String accepted = exchange.getRequestHeaders().getFirst("Accept");
    boolean isOpen = accepted != null && accepted.contains("application/openmetrics-text");
    String type = isOpen ? OPEN_METRICS : PROMETHEUS;
    send(exchange, 200, type, meters.scrape(type).getBytes(UTF_8));
  }

  private static int from(HttpExchange exchange) {
    String query = exchange.getRequestURI().getQuery();
    Matcher matcher = FROM.matcher(query == null ? "" : query);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  private static void rollouts(HttpExchange exchange, RolloutSource source) throws IOException {
    Map<String, String> asked = new HashMap<>();
    String query = exchange.getRequestURI().getQuery();
    PARAMETER
        .matcher(query == null ? "" : query)
        .results()
        .forEach(found -> asked.put(found.group(1), found.group(2)));
    String step = asked.getOrDefault("step", "");
    if (!step.matches("\\d{1,18}")) {
      sentence(exchange, 400, "Name a stage and a step, such as ?stage=grpo&step=1.");
      return;
    }
    Optional<JsonNode> found =
        source.step(
            asked.getOrDefault("stage", ""),
            Long.parseLong(step),
            Optional.ofNullable(asked.get("ticket")));
    if (found.isPresent()) {
      json(exchange, found.get());
    } else {
      sentence(exchange, 404, "No completion of this step and prompt is recorded.");
    }
  }

  private void changes(HttpExchange exchange, RunWatch run) throws IOException {
    if (!streams.tryAcquire()) {
      sentence(exchange, 503, "Too many pages of this run are open; close some.");
      return;
    }
    try {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      new ChangeStream(run, exchange.getResponseBody()).pump(() -> isClosed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      streams.release();
    }
  }

  private static void json(HttpExchange exchange, JsonNode node) throws IOException {
    send(exchange, 200, JSON, node.toString().getBytes(UTF_8));
  }

  private static void sentence(HttpExchange exchange, int status, String text) throws IOException {
    send(exchange, status, "text/plain; charset=utf-8", (text + "\n").getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] bytes)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** Ends the event streams at their next beat. */
  @Override
  public void close() {
    isClosed = true;
    RunWatch shown = watch;
    if (shown != null) {
      shown.rollouts().close();
    }
  }
}
