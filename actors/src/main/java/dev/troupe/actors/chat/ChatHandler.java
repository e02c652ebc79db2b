package dev.troupe.actors.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.troupe.runtime.generation.Completion;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests. A session is named by its key, in the path ({@code /sessions/KEY/v1/…}) or as
 * the bearer token, so that any client that takes a base URL or a key can talk to it.
 */
final class ChatHandler implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ChatHandler.class);
  private static final Pattern PATH = Pattern.compile("(?:/sessions/([^/]+))?/v1(/.*)");
  private static final Pattern REWARD = Pattern.compile("/rollouts/([^/]+)/reward");
  private static final int MOST_BYTES = 8 << 20;
  private static final String BEARER = "Bearer ";

  private final ChatServer.Setup setup;
  private final Map<String, AgentSession> sessions;
  private final Clock clock;
  private final AtomicLong answers = new AtomicLong();

  ChatHandler(ChatServer.Setup setup, Map<String, AgentSession> sessions, Clock clock) {
    this.setup = setup;
    this.sessions = sessions;
    this.clock = clock;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    // The answer to a failure goes out on the exchange too, so it is closed after the catches.
    try (exchange) {
      answerOrExplain(exchange);
    }
  }

  private void answerOrExplain(HttpExchange exchange) throws IOException {
    try {
      answer(exchange);
    } catch (ChatException e) {
      if (e.status() == 429) {
        exchange.getResponseHeaders().set("Retry-After", "1");
      }
      send(exchange, e.status(), ChatAnswer.error(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      send(exchange, 503, ChatAnswer.error(ChatException.of(503, "The server is closing.")));
    } catch (RuntimeException e) {
      LOG.warn("answering {} failed", exchange.getRequestURI(), e);
      send(exchange, 500, ChatAnswer.error(ChatException.of(500, "The server failed: " + e)));
    }
  }

  private void answer(HttpExchange exchange)
      throws IOException, ChatException, InterruptedException {
    Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
    if (!path.matches()) {
      throw nothingAt(exchange);
    }
    Optional<String> bearer = bearer(exchange);
    Optional<AgentSession> session = session(path.group(1), bearer);
    if (session.isEmpty()) {
      requireToken(bearer);
    }
    String place = path.group(2);
    Matcher reward = REWARD.matcher(place);
    if (place.equals("/models")) {
      requireMethod(exchange, "GET");
      send(exchange, 200, models());
    } else if (place.equals("/chat/completions")) {
      requireMethod(exchange, "POST");
      ChatHost host =
          session
              .<ChatHost>map(own -> own)
              .or(setup::served)
              .orElseThrow(() -> ChatException.of(401, "The key names no open session."));
      complete(exchange, host, ChatRequest.parse(body(exchange)));
    } else if (reward.matches()) {
      requireMethod(exchange, "POST");
      AgentSession own = session.orElse(sessions.get(reward.group(1)));
      if (own == null) {
        throw ChatException.of(404, "There is no open rollout " + reward.group(1) + ".");
      }
      own.reward(reward(body(exchange)));
      send(exchange, 200, ChatAnswer.JSON.createObjectNode().put("accepted", true));
    } else {
      throw nothingAt(exchange);
    }
  }

  private static ChatException nothingAt(HttpExchange exchange) {
    return ChatException.of(
        404,
        "There is nothing at %s; there are /v1/models and /v1/chat/completions."
            .formatted(exchange.getRequestURI().getPath()));
  }

  private static Optional<String> bearer(HttpExchange exchange) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
        .filter(header -> header.startsWith(BEARER))
        .map(header -> header.substring(BEARER.length()).strip());
  }

  private Optional<AgentSession> session(String inPath, Optional<String> bearer)
      throws ChatException {
    if (inPath != null && !sessions.containsKey(inPath)) {
      throw ChatException.of(404, "The path names no open session.");
    }
    return Optional.ofNullable(inPath).or(() -> bearer).map(sessions::get);
  }

  private void requireToken(Optional<String> bearer) throws ChatException {
    if (setup.token().isPresent()
        && !MessageDigest.isEqual(
            setup.token().get().getBytes(UTF_8), bearer.orElse("").getBytes(UTF_8))) {
      throw ChatException.of(
          401, "Show the token of this server as Authorization: Bearer <token>.");
    }
  }

  private static void requireMethod(HttpExchange exchange, String method) throws ChatException {
    if (!exchange.getRequestMethod().equals(method)) {
      exchange.getResponseHeaders().set("Allow", method);
      throw ChatException.of(
          405, "%s takes %s.".formatted(exchange.getRequestURI().getPath(), method));
    }
  }

  private static byte[] body(HttpExchange exchange) throws IOException, ChatException {
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
    if (body.length > MOST_BYTES) {
      throw ChatException.of(413, "The body is longer than " + MOST_BYTES + " bytes.");
    }
    return body;
  }

  private static double reward(byte[] body) throws ChatException {
    JsonNode reward = null;
    try {
      reward = ChatAnswer.JSON.readTree(body).path("reward");
    } catch (IOException e) {
      LOG.debug("a reward that is no JSON", e);
    }
    if (reward == null || !reward.isNumber() || !Double.isFinite(reward.doubleValue())) {
      throw ChatException.invalid("reward", "The body must be {\"reward\": a finite number}.");
    }
    return reward.doubleValue();
  }

  private ObjectNode models() {
    ObjectNode json = ChatAnswer.JSON.createObjectNode();
    json.put("object", "list");
    json.putArray("data")
        .addObject()
        .put("id", setup.model())
        .put("object", "model")
        .put("created", clock.instant().getEpochSecond())
        .put("owned_by", "troupe");
    return json;
  }

  private void complete(HttpExchange exchange, ChatHost host, ChatRequest request)
      throws ChatException, InterruptedException, IOException {
    String id = "chatcmpl-" + answers.incrementAndGet();
    var answer = new ChatAnswer(id, setup.model(), clock.instant(), setup.prompts().tokenizer());
    try (ChatHost.Turn turn = host.open(request)) {
      var news = new LinkedBlockingQueue<List<Completion>>();
      CompletableFuture<List<Completion>> result =
          setup
              .desk()
              .ask(
                  turn.request(),
                  turn.sampling(),
                  turn.seed(),
                  request.isStreamed() ? news::add : so -> {})
              .orElseThrow(
                  () ->
                      ChatException.of(
                          429, "Too many requests are waiting; try again in a moment."));
      if (request.isStreamed()) {
        new ChatStream(exchange, answer, request, turn, this::choice)
            .pump(news, result, setup.deadline());
        return;
      }
      List<Completion> completions = wait(result);
      List<ChatAnswer.Choice> choices = choices(completions, turn, request, id);
      choices.forEach(turn::said);
      send(
          exchange,
          200,
          answer.whole(choices, turn.request().promptTokens().length, request.hasLogps()));
    }
  }

  private List<Completion> wait(CompletableFuture<List<Completion>> result)
      throws ChatException, InterruptedException {
    try {
      return result.get(setup.deadline().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw ChatException.of(504, "There was no answer within " + setup.deadline() + ".");
    } catch (ExecutionException e) {
      throw ChatException.of(500, "The model failed: " + e.getCause().getMessage());
    }
  }

  private List<ChatAnswer.Choice> choices(
      List<Completion> completions, ChatHost.Turn turn, ChatRequest request, String id) {
    var choices = new ArrayList<ChatAnswer.Choice>();
    for (Completion completion : completions) {
      choices.add(choice(completion, turn, request, id));
    }
    return choices;
  }

  /** A completion, read. */
  private ChatAnswer.Choice choice(
      Completion completion, ChatHost.Turn turn, ChatRequest request, String id) {
    String text = setup.prompts().text(completion, turn.sampling().stopStrings());
    if (request.tools().isEmpty()) {
      return new ChatAnswer.Choice(text, List.of(), completion);
    }
    ToolCalls.Reading reading = ToolCalls.read(text, id.replace("chatcmpl", "call"));
    return new ChatAnswer.Choice(reading.content(), reading.calls(), completion);
  }

  private static void send(HttpExchange exchange, int status, JsonNode json) throws IOException {
    byte[] bytes = json.toString().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
