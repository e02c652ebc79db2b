package dev.troupe.runtime.reward.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.http.CallException;
import dev.troupe.runtime.http.CallSettings;
import dev.troupe.runtime.http.JsonCaller;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.WeightedReward;
import dev.troupe.runtime.settings.SettingsException;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rewards of a real server on this machine, which answers as each test says. */
class HttpRewardTest {
  private static final double EXACT = 0;
  private static final Example EXAMPLE = new Example("e", "2+2", "4", Map.of("level", "1"));
  private static final int HANGS = -1;

  private final AtomicInteger calls = new AtomicInteger();
  private final ConcurrentLinkedQueue<JsonNode> requests = new ConcurrentLinkedQueue<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicLong nanos = new AtomicLong();
  private final List<Duration> pauses = new ArrayList<>();
  private ExecutorService threads;
  private HttpServer server;

  /** What the server answers to its n-th call, from 0. */
  private volatile IntFunction<Answer> answers = n -> new Answer(200, "{\"scores\": [0.5]}");

  private record Answer(int status, String body) {}

  @BeforeEach
  void start() throws IOException {
    threads = Executors.newCachedThreadPool();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          requests.add(JsonCaller.JSON.readTree(exchange.getRequestBody()));
          Answer answer = answers.apply(calls.getAndIncrement());
          if (answer.status() == HANGS) {
            try {
              end.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            exchange.close();
            return;
          }
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
          try (var out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void postsWhatIsKnownAndReadsTheScore() throws Exception {
    assertEquals(0.5, http(1).score(EXAMPLE, "four"), EXACT);
    JsonNode posted = requests.peek().path("completions").path(0);
    assertEquals(
        "{\"id\":\"e\",\"prompt\":\"2+2\",\"completion\":\"four\",\"answer\":\"4\",\"fields\":{\"level\":\"1\"}}",
        posted.toString());
  }

  @Test
  void gathersWhatSeveralThreadsAskIntoOneCall() throws Exception {
    answers = n -> new Answer(200, "{\"scores\": [0, 1, 2, 3]}");
    HttpReward reward =
        new HttpReward(caller(1), 4, Duration.ofSeconds(20), Duration.ofSeconds(20));
    List<Future<Double>> scores = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String completion = "c" + i;
      scores.add(threads.submit(() -> reward.score(EXAMPLE, completion)));
    }
    double sum = 0;
    for (Future<Double> score : scores) {
      sum += score.get(20, TimeUnit.SECONDS);
    }
    assertEquals(6, sum, EXACT);
    assertEquals(1, calls.get());
    // Each has the score at the place of its own completion.
    JsonNode posted = requests.peek().path("completions");
    for (int i = 0; i < 4; i++) {
      int place = Integer.parseInt(posted.path(i).path("completion").asText().substring(1));
      assertEquals(i, scores.get(place).get(1, TimeUnit.SECONDS), EXACT);
    }
  }

  @Test
  void triesAgainAfterAPauseThatDoubles() throws Exception {
    answers = n -> n < 2 ? new Answer(503, "busy") : new Answer(200, "{\"scores\": [1]}");
    assertEquals(1, http(3).score(EXAMPLE, "x"), EXACT);
    assertEquals(List.of(Duration.ofMillis(100), Duration.ofMillis(200)), pauses);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "500|oops|3|status 500: oops (attempt 3 of 3)",
        "429|slow|3|status 429: slow (attempt 3 of 3)",
        "400|bad|1|status 400: bad (attempt 1 of 3)",
        "401|''|1|status 401: (empty) (attempt 1 of 3)",
        "200|{\"scores\": [|3|its answer is not JSON: {\"scores\": [ (attempt 3 of 3)",
        "200|{\"scores\": [NaN]}|3|its answer is not JSON: {\"scores\": [NaN]} (attempt 3 of 3)"
      })
  void saysWhatHappenedInTheLastAttempt(int status, String body, int attempts, String reason) {
    answers = n -> new Answer(status, body);
    var error = assertThrows(CallException.class, () -> http(3).score(EXAMPLE, "x"));
    assertEquals(url() + ": " + reason, error.getMessage());
    assertEquals(attempts, calls.get());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"scores\": [\"NaN\"]}|the server gave \"NaN\" in place of a number",
        "{\"scores\": [null]}|the server gave null in place of a number",
        "{\"scores\": [1e999]}|the server gave",
        "{\"scores\": [{\"error\": \"no GPU\"}]}|the server says: no GPU",
        "{\"scores\": []}|its answer has 0 scores for 1 completions",
        "{\"score\": 1}|its answer has no list \"scores\" for 1 completions"
      })
  void whatIsNoNumberIsAFailureAndNeverAZero(String body, String reason) {
    answers = n -> new Answer(200, body);
    WeightedReward reward =
        new WeightedReward(List.of(new WeightedReward.Component("server", 1, http(1))));
    Outcome outcome = reward.judge(EXAMPLE, "x");
    var failed = assertInstanceOf(Outcome.Failed.class, outcome);
    assertTrue(failed.reason().contains(reason), failed.reason());
  }

  @Test
  void anAnswerThatDoesNotComeIsAFailureInTime() {
    answers = n -> new Answer(HANGS, "");
    var settings = settings(url(), 2, Duration.ofMillis(100), Duration.ofSeconds(30), 5);
    var caller = new JsonCaller(settings, nanos::get, pauses::add);
    var reward = new HttpReward(caller, 1, Duration.ZERO, Duration.ofSeconds(30));
    var error = assertThrows(CallException.class, () -> reward.score(EXAMPLE, "x"));
    assertEquals(url() + ": no answer within 100 ms (attempt 2 of 2)", error.getMessage());
  }

  @Test
  void anAnswerWithoutEndIsCutOff() {
    answers = n -> new Answer(200, "[" + "1,".repeat(3_000_000) + "1]");
    var error = assertThrows(CallException.class, () -> http(3).score(EXAMPLE, "x"));
    assertTrue(error.getMessage().contains("longer than 4194304 bytes"), error.getMessage());
    assertEquals(1, calls.get());
  }

  @Test
  void doesNotBeginAnAttemptForWhichNoTimeIsLeft() {
    answers = n -> new Answer(500, "");
    var settings = settings(url(), 100, Duration.ofSeconds(20), Duration.ofMillis(250), 1000);
    var caller = new JsonCaller(settings, nanos::get, it -> nanos.addAndGet(it.toNanos()));
    assertThrows(CallException.class, () -> caller.call(JsonCaller.JSON.createObjectNode()));
    // Pauses of 100 ms and 200 ms: the second would end after 250 ms.
    assertEquals(2, calls.get());
  }

  @Test
  void aServerThatIsDownIsLeftAloneAndTriedAgainLater() throws Exception {
    answers = n -> n < 4 ? new Answer(500, "down") : new Answer(200, "{\"scores\": [1]}");
    HttpReward reward = new HttpReward(caller(1), 1, Duration.ZERO, Duration.ofSeconds(20));
    for (int i = 0; i < 3; i++) {
      assertThrows(CallException.class, () -> reward.score(EXAMPLE, "x"));
    }
    // Open: nobody calls.
    var refused = assertThrows(CallException.class, () -> reward.score(EXAMPLE, "x"));
    assertEquals(3, calls.get());
    assertTrue(
        refused.getMessage().contains("not called for another 1000 ms after 3 failures in a row"),
        refused.getMessage());
    // One tries after the pause, fails, and it stays open.
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThrows(CallException.class, () -> reward.score(EXAMPLE, "x"));
    assertEquals(4, calls.get());
    assertThrows(CallException.class, () -> reward.score(EXAMPLE, "x"));
    assertEquals(4, calls.get());
    // The next one that tries has an answer, and it closes.
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertEquals(1, reward.score(EXAMPLE, "x"), EXACT);
    assertEquals(1, reward.score(EXAMPLE, "x"), EXACT);
    assertEquals(6, calls.get());
  }

  @Test
  void aServerThatIsNotThereIsAFailure() {
    URI nowhere = URI.create("http://127.0.0.1:1/");
    var caller =
        new JsonCaller(
            settings(nowhere, 2, Duration.ofSeconds(5), Duration.ofSeconds(20), 5),
            nanos::get,
            pauses::add);
    var error =
        assertThrows(CallException.class, () -> caller.call(JsonCaller.JSON.createObjectNode()));
    assertTrue(error.getMessage().contains("it cannot be reached"), error.getMessage());
  }

  @Test
  void aJudgeGradesByARubric() throws Exception {
    answers =
        n ->
            new Answer(
                200,
                "{\"choices\": [{\"message\": {\"content\": \"I think {\\\"score\\\": 2} or rather {\\\"score\\\": 7.5}\"}}]}");
    JudgeReward judge = judge("[{level}] {prompt} = {completion}? ({answer})");
    assertEquals(0.75, judge.score(EXAMPLE, "{x}"), EXACT);
    JsonNode posted = requests.peek();
    assertEquals("tiny", posted.path("model").asText());
    assertEquals("Be fair.", posted.path("messages").path(0).path("content").asText());
    assertEquals("[1] 2+2 = {x}? (4)", posted.path("messages").path(1).path("content").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\\\"score\\\": 11}|the judge said 11.0, which is not on the scale from 0.0 to 10.0",
        "{\\\"score\\\": \\\"good\\\"}|the judge gave no {\"score\": number}: {\"score\": \"good\"}",
        "7|the judge gave no {\"score\": number}: 7"
      })
  void aJudgeThatGivesNoGradeIsAFailure(String said, String reason) {
    answers =
        n -> new Answer(200, "{\"choices\": [{\"message\": {\"content\": \"" + said + "\"}}]}");
    var error = assertThrows(CallException.class, () -> judge("{completion}").score(EXAMPLE, "x"));
    assertEquals(reason, error.getMessage());
  }

  @Test
  void aJudgeWithoutMessageIsAFailure() {
    answers = n -> new Answer(200, "{\"choices\": []}");
    var error = assertThrows(CallException.class, () -> judge("{completion}").score(EXAMPLE, "x"));
    assertEquals("its answer has no choices[0].message.content", error.getMessage());
  }

  @Test
  void canBeChosenInARecipeAndTellsAllMistakesAtOnce() throws Exception {
    Config http =
        ConfigFactory.parseString("kind = http, url = \"" + url() + "\", batch-wait = 0ms");
    assertEquals(0.5, RewardCatalog.standard().create(http).score(EXAMPLE, "x"), EXACT);
    var error =
        assertThrows(
            SettingsException.class,
            () ->
                RewardCatalog.standard()
                    .create(
                        ConfigFactory.parseString(
                            "kind = judge, url = \"ftp://x\", model = m, rubric = \"{prompt}\", lowest = 10, attempts = 0, token-from = NO_SUCH_VARIABLE_HERE")));
    for (String part :
        List.of(
            "it is not the address of an HTTP server",
            "has no {completion}",
            "is not below",
            "attempts = 0",
            "the environment variable is not set")) {
      assertTrue(error.getMessage().contains(part), part + " in " + error.getMessage());
    }
  }

  private JudgeReward judge(String rubric) {
    return new JudgeReward(
        caller(1),
        new JudgeReward.Question(
            "tiny", PromptTemplate.parse(rubric), Optional.of("Be fair."), 0, 10, 64, 0));
  }

  private HttpReward http(int attempts) {
    return new HttpReward(caller(attempts), 1, Duration.ZERO, Duration.ofSeconds(20));
  }

  private JsonCaller caller(int attempts) {
    return new JsonCaller(
        settings(url(), attempts, Duration.ofSeconds(20), Duration.ofSeconds(20), 3),
        nanos::get,
        pauses::add);
  }

  private static CallSettings settings(
      URI url, int attempts, Duration timeout, Duration deadline, int failures) {
    return new CallSettings(
        url,
        timeout,
        deadline,
        attempts,
        Duration.ofMillis(100),
        failures,
        Duration.ofSeconds(1),
        Optional.empty());
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }
}
