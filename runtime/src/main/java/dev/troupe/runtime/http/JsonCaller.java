package dev.troupe.runtime.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Posts JSON and reads JSON: again after a pause where that may help, all within one deadline, and
 * not at all while the server is known to be down. Safe for several threads.
 */
public final class JsonCaller {
  /** Strict: nothing twice, nothing behind. */
  public static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final int LONGEST_ANSWER = 4 << 20;
  private static final int QUOTED = 200;

  private final CallSettings settings;
  private final HttpClient client;
  private final CircuitBreaker breaker;
  private final LongSupplier nanos;
  private final Pause pause;

  /** Lets time pass. */
  @FunctionalInterface
  public interface Pause {
    /** Waits that long. */
    void of(Duration duration) throws InterruptedException;
  }

  /** With the machine's clock. */
  public JsonCaller(CallSettings settings) {
    this(settings, System::nanoTime, duration -> TimeUnit.NANOSECONDS.sleep(duration.toNanos()));
  }

  /**
   * @param nanos a clock that never goes back, in nanoseconds
   */
  public JsonCaller(CallSettings settings, LongSupplier nanos, Pause pause) {
    this.settings = settings;
    this.nanos = nanos;
    this.pause = pause;
    this.breaker = new CircuitBreaker(settings.breakerFailures(), settings.breakerPause(), nanos);
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.timeout())
            .build();
  }

  /**
   * Posts a value.
   *
   * @return the answer
   * @throws CallException if there is none, with what happened in the last attempt
   */
  public JsonNode call(JsonNode request) throws CallException, InterruptedException {
    return call(settings.url(), request);
  }

  /**
   * Posts a value to a place on the server, or asks for what is there.
   *
   * @param url on the same server, whose state all calls share
   * @param request what is posted; null to get
   * @return the answer
   * @throws CallException if there is none, with what happened in the last attempt
   */
  public JsonNode call(URI url, JsonNode request) throws CallException, InterruptedException {
    return call(url, request, false);
  }

  /**
   * Posts a value where the answer may be a plain text.
   *
   * @return the answer; a text that is no JSON as it is
   * @throws CallException if there is none, with what happened in the last attempt
   */
  public JsonNode tell(URI url, JsonNode request) throws CallException, InterruptedException {
    return call(url, request, true);
  }

  private JsonNode call(URI url, JsonNode request, boolean mayBeText)
      throws CallException, InterruptedException {
    long end = nanos.getAsLong() + settings.deadline().toNanos();
    Duration wait = settings.backoff();
    for (int attempt = 1; ; attempt++) {
      Optional<String> refusal = breaker.refusal();
      if (refusal.isPresent()) {
        throw new CallException(url + ": " + refusal.get(), false);
      }
      try {
        JsonNode answer =
            attempt(url, request, mayBeText, Duration.ofNanos(end - nanos.getAsLong()));
        breaker.succeeded();
        return answer;
      } catch (CallException e) {
        breaker.failed(e.getMessage());
        long leftNanos = end - nanos.getAsLong();
        if (!e.mayPass() || attempt == settings.attempts() || leftNanos <= wait.toNanos()) {
          throw new CallException(
              "%s: %s (attempt %d of %d)"
                  .formatted(url, e.getMessage(), attempt, settings.attempts()),
              false);
        }
      } catch (InterruptedException | RuntimeException e) {
        breaker.abandoned();
        throw e;
      }
      pause.of(wait);
      wait = wait.multipliedBy(2);
    }
  }

  private JsonNode attempt(URI url, JsonNode request, boolean mayBeText, Duration left)
      throws CallException, InterruptedException {
    Duration limit = left.compareTo(settings.timeout()) < 0 ? left : settings.timeout();
    if (limit.isNegative() || limit.isZero()) {
      throw new CallException("no time is left of " + settings.deadline(), false);
    }
    HttpRequest.Builder post =
        HttpRequest.newBuilder(url)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json");
    if (request == null) {
      post.GET();
    } else {
      post.POST(HttpRequest.BodyPublishers.ofString(request.toString()));
    }
    settings.token().ifPresent(token -> post.header("Authorization", "Bearer " + token));
    CompletableFuture<HttpResponse<byte[]>> future =
        client.sendAsync(post.build(), head -> new LimitedBody(LONGEST_ANSWER));
    try {
      return read(future.get(limit.toNanos(), TimeUnit.NANOSECONDS), mayBeText);
    } catch (TimeoutException e) {
      throw new CallException("no answer within " + limit.toMillis() + " ms", true);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CallException known) {
        throw known;
      }
      throw new CallException("it cannot be reached: " + e.getCause(), true);
    } finally {
      future.cancel(true);
    }
  }

  private static JsonNode read(HttpResponse<byte[]> response, boolean mayBeText)
      throws CallException {
    int status = response.statusCode();
    if (status / 100 != 2) {
      boolean mayPass = status / 100 == 5 || status == 429 || status == 408;
      throw new CallException("status %d: %s".formatted(status, quote(response.body())), mayPass);
    }
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      if (mayBeText) {
        return TextNode.valueOf(quote(response.body()));
      }
      throw new CallException("its answer is not JSON: " + quote(response.body()), true);
    } catch (IOException e) {
      throw new CallException("its answer cannot be read: " + e, true);
    }
  }

  private static String quote(byte[] body) {
    String text = new String(body, 0, Math.min(QUOTED, body.length), StandardCharsets.UTF_8);
    return text.isBlank() ? "(empty)" : text.strip();
  }
}
