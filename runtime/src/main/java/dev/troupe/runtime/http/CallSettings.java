package dev.troupe.runtime.http;

import dev.troupe.runtime.settings.Checked;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How a server is called.
 *
 * @param url where
 * @param timeout of one attempt
 * @param deadline of all attempts together
 * @param attempts how often at most
 * @param backoff pause after the first failed attempt; doubled after each further one
 * @param breakerFailures failed calls in a row after which nobody calls for a while
 * @param breakerPause how long
 * @param token what is sent as a bearer token; empty for none
 */
public record CallSettings(
    URI url,
    Duration timeout,
    Duration deadline,
    int attempts,
    Duration backoff,
    int breakerFailures,
    Duration breakerPause,
    Optional<String> token) {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(1);

  /** Reads the keys that all who call a server share. */
  public static CallSettings read(Checked reward) {
    URI url = reward.parsed("url", CallSettings::url);
    Checked breaker = reward.section("breaker");
    return new CallSettings(
        url,
        reward.duration("timeout", SHORTEST, LONGEST),
        reward.duration("deadline", SHORTEST, LONGEST),
        reward.integer("attempts", 1, 100),
        reward.duration("backoff", Duration.ZERO, LONGEST),
        breaker.integer("failures", 1, 1_000_000),
        breaker.duration("pause", SHORTEST, LONGEST),
        reward.optional("token-from", key -> reward.parsed(key, CallSettings::secret)));
  }

  /** The same for another place on the same server. */
  public CallSettings at(String path) {
    return new CallSettings(
        url.resolve(path),
        timeout,
        deadline,
        attempts,
        backoff,
        breakerFailures,
        breakerPause,
        token);
  }

  private static URI url(String text) {
    URI url = URI.create(text);
    if (url.getHost() == null
        || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
      throw new IllegalArgumentException("it is not the address of an HTTP server");
    }
    return url;
  }

  /** Secrets stand in the environment, because settings are written into the run directory. */
  private static String secret(String variable) {
    String value = System.getenv(variable);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException("the environment variable is not set");
    }
    return value.strip();
  }
}
