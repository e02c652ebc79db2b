package dev.troupe.actors.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.supervisor.CompanyState;
import dev.troupe.actors.supervisor.CompanyState.Member;
import dev.troupe.actors.supervisor.Wait;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunPageTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path directory;
  private RecordedRun run;
  private RunPage page;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  @BeforeEach
  void open() throws Exception {
    run = new RecordedRun(directory);
    page = RunPage.open(0, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    page.close();
    run.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(page.address().resolve(path)).build(), BodyHandlers.ofString());
  }

  private JsonNode json(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    assertEquals(200, answer.statusCode(), path + ": " + answer.body());
    return JSON.readTree(answer.body());
  }

  /** Reads the event stream until an event is what is waited for; the test's timeout bounds it. */
  private JsonNode change(Predicate<JsonNode> wanted) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(page.address().resolve("api/changes")).build();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                client.send(request, BodyHandlers.ofInputStream()).body(),
                StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data: ")) {
          JsonNode event = JSON.readTree(line.substring("data: ".length()));
          if (wanted.test(event)) {
            return event;
          }
        }
      }
      throw new IOException("the stream ended");
    }
  }

  /** A request as a browser would send it that believes another name leads here. */
  private String rawStatus(String method, String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), page.address().getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          (method + " /api/run HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  @Test
  void servesThePageWithAllItsFilesAndFencesItIn() throws Exception {
    HttpResponse<String> index = get("/");
    assertEquals(200, index.statusCode());
    assertTrue(index.headers().firstValue("Content-Type").orElse("").startsWith("text/html"));
    assertTrue(
        index
            .headers()
            .firstValue("Content-Security-Policy")
            .orElse("")
            .startsWith("default-src 'none'"));
    for (String file : List.of("page.js", "page.css", "uplot.js", "uplot.css", "chart.js")) {
      assertEquals(200, get("/" + file).statusCode(), file);
    }
    assertFalse(index.body().contains("http"), "The page needs no other host.");
  }

  @Test
  void saysWhenThereIsNothingToShowYet() throws Exception {
    HttpResponse<String> answer = get("/api/run");

    assertEquals(503, answer.statusCode());
    assertEquals("The run has not begun yet.\n", answer.body());
  }

  @Test
  void tellsStepsFromWhereTheReaderStopped() throws Exception {
    run.warmUp();
    run.train(700);
    page.show(directory);

    JsonNode first = json("/api/steps?from=0");
    JsonNode second = json("/api/steps?from=" + first.get("next").asInt());

    assertEquals(705, first.get("total").asInt()); // 2 + 2 + 1 + 700
    assertEquals(500, first.get("next").asInt());
    assertEquals(4, first.get("blocks").size());
    assertEquals(705, second.get("next").asInt());
    JsonNode block = second.get("blocks").get(0);
    assertEquals(RecordedRun.STAGE, block.get("stage").asText());
    assertEquals(496, block.get("step").get(0).asInt()); // 500 - 5 + 1
    assertEquals(205, block.get("columns").get("loss").size());
    assertEquals(0, json("/api/steps?from=705").get("blocks").size());
  }

  @Test
  void tellsWhatChangesWhileTheRunGoesOn() throws Exception {
    run.train(3);
    page.show(directory);
    JsonNode before = change(event -> event.get("steps").asInt() == 3);

    run.train(2);

    JsonNode after = change(event -> event.get("steps").asInt() == 5);
    assertEquals(before.get("generation"), after.get("generation"));
  }

  @Test
  void aResumedRunBeginsANewGeneration() throws Exception {
    run.train(5);
    page.show(directory);
    change(event -> event.get("steps").asInt() == 5);

    run.goBackTo(2);
    run.train(1);

    change(event -> event.get("generation").asInt() == 1 && event.get("steps").asInt() == 3);
    assertEquals(3, json("/api/steps?from=0").get("total").asInt());
  }

  @Test
  void tellsSettingsSoupsAndEvaluations() throws Exception {
    run.evaluate("grpo", "123");
    page.show(directory);

    JsonNode facts = json("/api/run");
    JsonNode evaluation = json("/api/evaluations").get(0);

    assertEquals("invented", facts.get("name").asText());
    assertEquals(4, facts.get("stages").size());
    assertEquals(0.75, facts.get("soups").get(0).get("parts").get(1).get("weight").asDouble());
    assertEquals(100, facts.get("soups").get(1).get("every").asInt());
    assertFalse(facts.get("isAlive").asBoolean());
    assertEquals("grpo", evaluation.get("stage").asText());
    assertEquals("50.0%", evaluation.get("value").asText()); // 1 of 2 prompts
    assertEquals("321>", evaluation.get("samples").get(0).get("prompt").asText());
  }

  @Test
  void tellsWhatEverybodyIsDoingAndWhoStalls() throws Exception {
    Instant now = Instant.now();
    var wait =
        new Wait(
            "the learner to train step 3 of stage grpo",
            now.minusSeconds(90),
            now.plusSeconds(30),
            "the run stops");
    var state =
        new CompanyState(
            "training",
            "grpo",
            2,
            9,
            Optional.empty(),
            List.of(new Member("learner", "at work", Optional.empty())),
            List.of(wait));
    page.showOwn(directory);
    page.attend(() -> CompletableFuture.completedFuture(state));
    page.on(new RunEvent.WarningRaised("A unit was lost."));

    change(event -> event.get("company").asInt() > 0);

    JsonNode company = json("/api/company");
    assertEquals("learner", company.get("members").get(0).get("name").asText());
    assertEquals(1, company.get("waits").size());
    JsonNode alarms = json("/api/alarms");
    assertEquals("stalled role", alarms.get("alarms").get(0).get("title").asText());
    assertEquals("A unit was lost.", alarms.get("warnings").get(0).asText());
  }

  @Test
  void answersOnlyUnderNamesOfThisMachine() throws Exception {
    page.show(directory);

    for (String own : List.of("127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]:9")) {
      assertEquals("HTTP/1.1 200 OK", rawStatus("GET", own), own);
    }
    for (String foreign :
        List.of("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "1.2.3.4")) {
      assertEquals("HTTP/1.1 403 Forbidden", rawStatus("GET", foreign), foreign);
    }
  }

  @Test
  void nothingCanBeWritten() throws Exception {
    page.show(directory);

    for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS")) {
      assertEquals("HTTP/1.1 405 Method Not Allowed", rawStatus(method, "localhost"), method);
    }
  }

  @Test
  void offLoopbackNobodyReadsWithoutTheToken(@TempDir Path secrets) throws Exception {
    Path file = secrets.resolve("token");
    try (var open = RunPage.open(new PageAddress("0.0.0.0", 0, file), Clock.systemUTC())) {
      open.show(directory);
      String token = Files.readString(file).strip();
      URI told = open.address();
      assertEquals("token=" + token, told.getQuery());
      URI here = URI.create("http://127.0.0.1:" + told.getPort() + "/");

      for (String path : List.of("", "metrics", "api/run", "api/company", "app.js")) {
        HttpResponse<String> none = send(HttpRequest.newBuilder(here.resolve(path)));
        assertEquals(401, none.statusCode(), path);
        assertEquals(
            "Bearer realm=\"troupe\"", none.headers().firstValue("WWW-Authenticate").orElse(""));
        HttpResponse<String> wrong =
            send(HttpRequest.newBuilder(here.resolve(path)).header("Authorization", "Bearer x"));
        assertEquals(403, wrong.statusCode(), path);
        assertFalse(wrong.body().contains(token));
      }
      var right = "Bearer " + token;
      assertEquals(
          200,
          send(HttpRequest.newBuilder(here.resolve("metrics")).header("Authorization", right))
              .statusCode());

      // A browser that opens the address is sent on without the token, which it keeps.
      HttpResponse<String> first =
          send(HttpRequest.newBuilder(here.resolve("?" + told.getQuery())));
      assertEquals(303, first.statusCode());
      assertEquals("/", first.headers().firstValue("Location").orElseThrow());
      String cookie = first.headers().firstValue("Set-Cookie").orElseThrow();
      assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
      assertEquals(
          200,
          send(HttpRequest.newBuilder(here).header("Cookie", cookie.split(";")[0])).statusCode());
      assertEquals(403, send(HttpRequest.newBuilder(here.resolve("?token=no"))).statusCode());
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void aPortThatIsTakenIsASentence() {
    RunException e =
        assertThrows(
            RunException.class,
            () -> RunPage.open(page.address().getPort(), Clock.systemUTC()).close());

    assertTrue(e.getMessage().contains("give another port"), e.getMessage());
  }

  @Test
  void aDirectoryWithoutARunIsASentence(@TempDir Path other) {
    RunException e = assertThrows(RunException.class, () -> page.show(other));

    assertTrue(e.getMessage().contains("is not a run directory"), e.getMessage());
    assertEquals(URI.create("http://127.0.0.1:" + page.address().getPort() + "/"), page.address());
  }
}
