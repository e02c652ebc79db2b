package dev.troupe.actors.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatServerTest {
  /** Decoding one by one against reading all at once: a few units of 2^-24. */
  private static final double ROUNDING = 1e-5;

  private static TinyChat chat;

  @BeforeAll
  static void open() {
    chat = new TinyChat(Optional.empty());
  }

  @AfterAll
  static void close() {
    chat.close();
  }

  private static String body(String more) {
    return "{\"model\": \"x\", \"messages\": [{\"role\": \"user\", \"content\": \"12>\"}]"
        + more
        + "}";
  }

  @Test
  void namesItsModel() throws Exception {
    HttpResponse<String> response = chat.send("GET", "/models", "");
    JsonNode models = TinyChat.JSON.readTree(response.body());

    assertEquals(200, response.statusCode());
    assertEquals("list", models.path("object").asText());
    assertEquals("tiny", models.path("data").path(0).path("id").asText());
  }

  @Test
  void answersInTheFormOfOpenAi() throws Exception {
    JsonNode answer =
        chat.chat(body(", \"max_tokens\": 5, \"seed\": 3, \"n\": 2, \"logprobs\": true"));

    assertEquals("chat.completion", answer.path("object").asText());
    assertEquals(2, answer.path("choices").size());
    int sampled = 0;
    for (JsonNode choice : answer.path("choices")) {
      assertEquals("assistant", choice.path("message").path("role").asText());
      JsonNode logps = choice.path("logprobs").path("content");
      sampled += logps.size();
      assertTrue(logps.size() <= 5);
      boolean isCut = choice.path("finish_reason").asText().equals("length");
      assertEquals(isCut ? 5 : logps.size(), logps.size());
      var text = new StringBuilder();
      logps.forEach(token -> text.append(token.path("token").asText()));
      assertEquals(choice.path("message").path("content").asText(), text.toString());
    }
    assertEquals(4, answer.path("usage").path("prompt_tokens").asInt()); // <s> 1 2 >
    assertEquals(sampled, answer.path("usage").path("completion_tokens").asInt());
  }

  @Test
  void logProbabilitiesAreThoseOfTheModel() throws Exception {
    JsonNode answer = chat.chat(body(", \"max_tokens\": 6, \"seed\": 4, \"logprobs\": true"));
    JsonNode choice = answer.path("choices").path(0);
    int[] prompt = TinyChat.TOKENIZER.encode("12>", true);
    int[] said = TinyChat.TOKENIZER.encode(choice.path("message").path("content").asText());
    int[] all = Arrays.copyOf(prompt, prompt.length + said.length);
    System.arraycopy(said, 0, all, prompt.length, said.length);
    try (var scoring = new ScoringEngine(chat.weights, NumericType.FP32, 256)) {
      float[] logps = scoring.logps(List.of(new TrainingSequence(all, prompt.length)), 1).get(0);

      for (int t = 0; t < logps.length; t++) {
        double told = choice.path("logprobs").path("content").path(t).path("logprob").asDouble();
        assertEquals(logps[t], told, ROUNDING);
      }
    }
  }

  @Test
  void equalSeedsGiveEqualAnswersAndOthersOthers() throws Exception {
    String request = body(", \"max_tokens\": 12, \"seed\": %d, \"n\": 4");
    JsonNode one = chat.chat(request.formatted(5)).path("choices");

    assertEquals(one, chat.chat(request.formatted(5)).path("choices"));
    assertFalse(one.equals(chat.chat(request.formatted(6)).path("choices")));
  }

  @Test
  void temperatureNoughtIsGreedy() throws Exception {
    String request = body(", \"max_tokens\": 12, \"temperature\": 0, \"seed\": %d");

    assertEquals(
        chat.chat(request.formatted(1)).path("choices"),
        chat.chat(request.formatted(2)).path("choices"));
  }

  @Test
  void aStopTextEndsAnAnswerAndIsNoPartOfIt() throws Exception {
    String settings = ", \"max_tokens\": 20, \"seed\": %d";
    int seed = 1;
    String whole = "";
    for (; whole.length() < 5; seed++) { // Some answers are short.
      whole = content(chat.chat(body(settings.formatted(seed))));
    }
    String stop = whole.substring(2, 4);
    JsonNode answer = chat.chat(body((settings + ", \"stop\": \"%s\"").formatted(seed - 1, stop)));

    assertEquals(whole.substring(0, whole.indexOf(stop)), content(answer));
    assertEquals("stop", answer.path("choices").path(0).path("finish_reason").asText());
  }

  private static String content(JsonNode answer) {
    return answer.path("choices").path(0).path("message").path("content").asText();
  }

  @Test
  void aStreamedAnswerSaysTheSamePieceByPiece() throws Exception {
    String settings =
        ", \"max_tokens\": 30, \"seed\": 11, \"logprobs\": true, \"stop\": [\"99\", \">>\"]";
    JsonNode whole = chat.chat(body(settings));
    String streamed =
        chat.send(
                "POST",
                "/chat/completions",
                body(
                    settings + ", \"stream\": true, \"stream_options\": {\"include_usage\": true}"))
            .body();

    List<String> events =
        streamed.lines().filter(line -> !line.isEmpty()).map(line -> line.substring(6)).toList();
    assertEquals("[DONE]", events.get(events.size() - 1));
    var text = new StringBuilder();
    var logps = new ArrayList<JsonNode>();
    String finish = null;
    JsonNode usage = null;
    for (String event : events.subList(0, events.size() - 1)) {
      JsonNode chunk = TinyChat.JSON.readTree(event);
      assertEquals("chat.completion.chunk", chunk.path("object").asText());
      JsonNode choice = chunk.path("choices").path(0);
      text.append(choice.path("delta").path("content").asText(""));
      choice.path("logprobs").path("content").forEach(logps::add);
      finish = choice.path("finish_reason").asText(finish);
      usage = chunk.hasNonNull("usage") ? chunk.path("usage") : usage;
    }
    assertEquals(content(whole), text.toString());
    assertEquals(whole.path("choices").path(0).path("finish_reason").asText(), finish);
    assertEquals(whole.path("usage"), usage);
    var told = new ArrayList<JsonNode>();
    whole.path("choices").path(0).path("logprobs").path("content").forEach(told::add);
    assertEquals(told, logps);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | null | The body is not JSON",
        "[] | null | The body must be a JSON object.",
        "{} | messages | messages must be a list of at least one message.",
        "{\"messages\": [{\"role\": \"king\"}]} | messages[0].role | messages[0].role is \"king\"",
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]} | messages[0].content | only text is supported",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]} | messages | The character 'x'",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"1\"}], \"n\": 0} | n | n must be a whole number from 1 to 128.",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"1\"}], \"temperature\": -1} | temperature | temperature must be a number from 0 to 10",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"1\"}], \"top_p\": 0} | top_p | top_p must be a number above 0",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"1\"}], \"stream\": 1} | stream | stream must be true or false.",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"1\"}], \"stop\": 3} | stop | stop must be a text",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"1\"}], \"top_logprobs\": 3} | top_logprobs | top_logprobs must be 0",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"1\"}], \"presence_penalty\": 1} | presence_penalty | not supported",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"1\"}], \"tools\": [{}]} | tools[0] | A tool must have a function with a name.",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"111111111111111111111111111111111111111111111111\"}]} | messages | The messages have 49 tokens, and the model's context holds 48"
      })
  void mistakesAreToldInTheFormOfOpenAi(String body, String parameter, String says)
      throws Exception {
    HttpResponse<String> response = chat.send("POST", "/chat/completions", body);
    JsonNode error = TinyChat.JSON.readTree(response.body()).path("error");

    assertEquals(400, response.statusCode(), response.body());
    assertEquals("invalid_request_error", error.path("type").asText());
    assertEquals(parameter, error.path("param").asText());
    assertTrue(error.path("message").asText().contains(says), response.body());
  }

  @Test
  void otherPlacesAndMethodsAreRefused() throws Exception {
    assertEquals(404, chat.send("POST", "/embeddings", "{}").statusCode());
    assertEquals(405, chat.send("GET", "/chat/completions", "").statusCode());
    assertEquals(404, chat.send("POST", "/rollouts/abc/reward", "{\"reward\": 1}").statusCode());
    assertEquals(
        413, chat.send("POST", "/chat/completions", " ".repeat((8 << 20) + 1)).statusCode());
  }

  @Test
  void aTokenIsAskedForWhereThereIsOne() throws Exception {
    try (var guarded = new TinyChat(Optional.of("secret"))) {
      String request = body(", \"max_tokens\": 2");
      HttpResponse<String> without = guarded.send("POST", "/chat/completions", request);
      assertEquals(401, without.statusCode());
      assertTrue(without.body().contains("authentication_error"), without.body());
      assertEquals(
          401,
          guarded
              .send("POST", "/chat/completions", request, "Authorization", "Bearer wrong")
              .statusCode());
      assertEquals(
          200,
          guarded
              .send("POST", "/chat/completions", request, "Authorization", "Bearer secret")
              .statusCode());
    }
  }

  @Test
  void whoAsksTooMuchIsToldToComeAgain() throws Exception {
    var desk = new CompletionDesk(1); // Nobody decodes, so the one who waits stays.
    var request = new GenerationRequest(1, new int[] {1}, 1);
    assertTrue(desk.ask(request, Sampling.plain(1, List.of()), 0, so -> {}).isPresent());
    var setup =
        new ChatServer.Setup(
            "tiny",
            TinyChat.PROMPTS,
            desk,
            Duration.ofSeconds(50),
            Optional.of(new ServedModel(TinyChat.PROMPTS, 1)),
            Optional.empty());
    try (ChatServer server = ChatServer.open("127.0.0.1", 0, setup, Clock.systemUTC())) {
      HttpResponse<String> response =
          TinyChat.send(
              HttpClient.newHttpClient(),
              URI.create(server.address() + "/v1/chat/completions"),
              "POST",
              body(""));

      assertEquals(429, response.statusCode());
      assertEquals("1", response.headers().firstValue("Retry-After").orElseThrow());
      assertTrue(response.body().contains("rate_limit_error"), response.body());
    }
  }

  @Test
  void aRequestThatNobodyAnswersEndsAtItsDeadline() throws Exception {
    var setup =
        new ChatServer.Setup(
            "tiny",
            TinyChat.PROMPTS,
            new CompletionDesk(9),
            Duration.ofMillis(30),
            Optional.of(new ServedModel(TinyChat.PROMPTS, 1)),
            Optional.empty());
    try (ChatServer server = ChatServer.open("127.0.0.1", 0, setup, Clock.systemUTC())) {
      for (String more : List.of("", ", \"stream\": true")) {
        HttpResponse<String> response =
            TinyChat.send(
                HttpClient.newHttpClient(),
                URI.create(server.address() + "/v1/chat/completions"),
                "POST",
                body(more));
        assertEquals(504, response.statusCode());
      }
    }
  }
}
