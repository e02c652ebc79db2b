package dev.troupe.actors.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.Samples;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InProcessExchangeTest {
  private static final PolicyVersion VERSION = Samples.version(0);
  private static Accelerator accelerator;

  private final InProcessExchange exchange = new InProcessExchange();
  private final DecoderWeights weights =
      DecoderWeights.random(accelerator, DecoderConfig.llama(8, 8, 1, 2, 2, 8, 8), 1);

  @BeforeAll
  static void open() {
    accelerator = Accelerator.of("cpu", 1);
  }

  @AfterAll
  static void close() {
    accelerator.close();
  }

  private boolean isOpen() {
    return !weights.arrays()[0].isReleased();
  }

  @Test
  void lendsWhatWasPublished() {
    exchange.publish(VERSION, weights);

    try (WeightsExchange.Loan loan = exchange.borrow(VERSION)) {
      assertEquals(weights, loan.weights());
    }
    assertTrue(isOpen());
    exchange.close();
    assertFalse(isOpen());
  }

  @Test
  void aWithdrawnVersionLivesUntilItsLastLoanIsGivenBackOnce() {
    exchange.publish(VERSION, weights);
    WeightsExchange.Loan first = exchange.borrow(VERSION);
    WeightsExchange.Loan second = exchange.borrow(VERSION);

    exchange.withdraw(VERSION);
    first.close();
    first.close();
    assertTrue(isOpen(), "the second loan is still out");
    second.close();

    assertFalse(isOpen());
  }

  @Test
  void publishingAVersionAgainKeepsTheFirstWeights() {
    exchange.publish(VERSION, weights);
    DecoderWeights copy = weights.copy();
    exchange.publish(VERSION, copy);

    try (WeightsExchange.Loan loan = exchange.borrow(VERSION)) {
      assertEquals(weights, loan.weights());
    }
    assertTrue(copy.arrays()[0].isReleased());
    exchange.close();
  }

  @Test
  void namesWhatIsPublishedWhenAVersionIsNot() {
    exchange.publish(VERSION, weights);

    var refusal =
        assertThrows(IllegalStateException.class, () -> exchange.borrow(Samples.version(1)));

    assertTrue(refusal.getMessage().contains(VERSION.toString()), refusal.getMessage());
    exchange.close();
  }
}
