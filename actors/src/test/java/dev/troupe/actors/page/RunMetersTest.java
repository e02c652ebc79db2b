package dev.troupe.actors.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.supervisor.CompanyState;
import dev.troupe.actors.supervisor.CompanyState.Member;
import dev.troupe.actors.supervisor.Wait;
import dev.troupe.runtime.model.PolicyVersion;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scrapes the page as Prometheus does, and reads the answer by the grammar of its format. */
@Timeout(60)
class RunMetersTest {
  /** Values of an invented step are doubles that the text keeps whole. */
  private static final double EXACT = 0;

  private static final String ALIVE = "troupe_run_alive{run=\"invented\"}";

  @TempDir private Path directory;
  private RecordedRun run;
  private RunPage page;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

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

  private HttpResponse<String> get(String accept) throws Exception {
    return client.send(
        HttpRequest.newBuilder(page.address().resolve("metrics"))
            .header("Accept", accept)
            .timeout(Duration.ofSeconds(10))
            .build(),
        BodyHandlers.ofString());
  }

  private Scrape scrape() throws Exception {
    return Scrape.of(get("text/plain").body());
  }

  @Test
  void whatAddsUpIsACounterAndTheNewestStepAGauge() throws Exception {
    run.warmUp();
    run.train(2);
    page.show(directory);

    HttpResponse<String> answer = get("text/plain");
    Scrape scrape = Scrape.of(answer.body());

    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8",
        answer.headers().firstValue("Content-Type").orElse(""));
    Map<String, String> grpo = Map.of("run", "invented", "stage", "grpo");
    assertEquals("counter", scrape.type("troupe_steps_total"));
    assertEquals(2, scrape.value("troupe_steps_total", grpo), EXACT);
    assertEquals(
        2, scrape.value("troupe_steps_total", Map.of("run", "invented", "stage", "sft-a")), EXACT);
    assertEquals("counter", scrape.type("troupe_generated_tokens_total"));
    // 10,000 tokens in each of two steps.
    assertEquals(20_000, scrape.value("troupe_generated_tokens_total", grpo), EXACT);
    assertEquals(20_000, scrape.value("troupe_trained_tokens_total", grpo), EXACT);
    assertEquals("counter", scrape.type("troupe_work_seconds_total"));
    assertEquals(
        0.1 + 0.1,
        scrape.value(
            "troupe_work_seconds_total",
            Map.of("run", "invented", "stage", "grpo", "role", "reward")),
        EXACT);
    assertEquals("gauge", scrape.type("troupe_learning_rate"));
    assertEquals(1e-5, scrape.value("troupe_learning_rate", grpo), EXACT);
    assertEquals(20_000, scrape.value("troupe_stage_planned_steps", grpo), EXACT);
    assertEquals(3.0, scrape.value("troupe_stage_elapsed_seconds", grpo), EXACT);
    assertEquals(0, scrape.value("troupe_run_alive", Map.of("run", "invented")), EXACT);
  }

  @Test
  void namesCarryUnitsAndComponentsAreLabels() throws Exception {
    run.train(1);
    page.show(directory);

    Scrape scrape = scrape();

    for (String name :
        List.of(
            "troupe_entropy_nats_per_token",
            "troupe_length_mean_tokens",
            "troupe_ratio_clipped_ratio",
            "troupe_kl_reference_nats_per_token",
            "troupe_time_step_seconds",
            "troupe_reward_mean")) {
      assertEquals("gauge", scrape.type(name), scrape.names().toString());
    }
    assertTrue(
        scrape.has(
            "troupe_reward_component",
            Map.of("run", "invented", "stage", "grpo", "component", "exact-match")));
    assertFalse(scrape.names().contains("troupe_tokens_generated"), "told twice");
    assertEquals(
        "mean total reward of the step's scored completions", scrape.help("troupe_reward_mean"));
  }

  @Test
  void sharesMembersByRoleAndNodeAsLongAsTheyAreThere() throws Exception {
    run.train(1);
    page.showOwn(directory);
    Instant since = Instant.parse("2026-11-24T00:00:00Z");
    var wait = new Wait("a group", since, since.plusSeconds(30), "it is sampled again");
    var version = new PolicyVersion(0, 7, "d".repeat(64));
    var held = new Member("generator-2@10.0.0.7:25520", "decoding unit 3", Optional.of(version));
    var idle = new Member("reward", "idle", Optional.empty());
    var state =
        new CompanyState(
            "training", "grpo", 1, 9, Optional.of(version), List.of(held, idle), List.of(wait));
    var alone =
        new CompanyState("training", "grpo", 1, 9, Optional.of(version), List.of(idle), List.of());

    page.attend(() -> CompletableFuture.completedFuture(state));
    Scrape first = awaited("troupe_waits");
    Map<String, String> generator =
        Map.of(
            "run",
            "invented",
            "role",
            "generator",
            "member",
            "generator-2",
            "node",
            "10.0.0.7:25520");
    assertEquals(1, first.value("troupe_member_busy", generator), EXACT);
    assertEquals(7, first.value("troupe_member_policy_version", generator), EXACT);
    assertEquals(
        0,
        first.value(
            "troupe_member_busy",
            Map.of("run", "invented", "role", "reward", "member", "reward", "node", "")),
        EXACT);
    assertEquals(1, first.value("troupe_waits", Map.of("run", "invented")), EXACT);
    assertEquals(
        since.getEpochSecond(),
        first.value("troupe_oldest_wait_timestamp_seconds", Map.of("run", "invented")),
        EXACT);
    assertEquals(1, first.value("troupe_run_alive", Map.of("run", "invented")), EXACT);

    var meters = new RunMeters("invented");
    meters.attend(state);
    meters.attend(alone);
    Scrape second = Scrape.of(meters.scrape("text/plain"));
    assertFalse(second.has("troupe_member_busy", generator), "a generator that left");
    assertFalse(second.names().contains("troupe_oldest_wait_timestamp_seconds"));
  }

  private Scrape awaited(String name) throws Exception {
    Scrape scrape = scrape();
    while (!scrape.names().contains(name)) { // The test's timeout bounds it.
      Thread.onSpinWait();
      scrape = scrape();
    }
    return scrape;
  }

  @Test
  void stepsThatAreDoneAgainAreCountedOnce() throws Exception {
    run.train(5);
    page.show(directory);
    assertEquals(
        5, scrape().value("troupe_steps_total", Map.of("run", "invented", "stage", "grpo")), EXACT);

    run.goBackTo(2);
    run.train(1);

    Scrape scrape = scrape();
    while (scrape.value("troupe_steps_total", Map.of("run", "invented", "stage", "grpo")) != 3) {
      Thread.onSpinWait(); // The test's timeout bounds it.
      scrape = scrape();
    }
    assertTrue(get("text/plain").body().contains(ALIVE));
  }

  @Test
  void speaksOpenMetricsWhenAsked() throws Exception {
    run.train(1);
    page.show(directory);

    HttpResponse<String> answer =
        get("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");

    assertEquals(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        answer.headers().firstValue("Content-Type").orElse(""));
    assertTrue(answer.body().endsWith("# EOF\n"), answer.body());
    assertTrue(answer.body().contains("# TYPE troupe_steps counter\n"), answer.body());
  }
}
