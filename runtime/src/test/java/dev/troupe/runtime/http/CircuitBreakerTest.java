package dev.troupe.runtime.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void onlyOneCallerTriesAClosedServer() {
    var breaker = new CircuitBreaker(1, Duration.ofSeconds(1), nanos::get);
    breaker.failed("down");
    assertTrue(breaker.refusal().isPresent());
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertTrue(breaker.refusal().isEmpty());
    assertTrue(breaker.refusal().orElseThrow().contains("while another caller tries"));
    breaker.abandoned();
    assertTrue(breaker.refusal().isEmpty());
    breaker.succeeded();
    assertTrue(breaker.refusal().isEmpty());
    assertTrue(breaker.refusal().isEmpty());
  }
}
