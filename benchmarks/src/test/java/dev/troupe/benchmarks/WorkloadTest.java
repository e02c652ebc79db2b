package dev.troupe.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The arithmetic that figures are divided by. */
class WorkloadTest {
  @Test
  void countsTheWorkOfATokenInItsMatrixProducts() {
    Workload small = Workload.small(false);
    // block: 128 * (384 + 128 + 3 * 352) = 200,704; four of them and the head 256 * 128: 835,584
    // attention over 16 + 112 / 2 = 72 slots: 4 * 4 layers * 72 * 128 = 147,456 operations
    assertEquals(2 * 835_584e-9 + 147_456e-9, small.decodeGflop(), 1e-12);
    // training: three times the forward pass, whose mean width is 64: 131,072 operations
    assertEquals(3 * (2 * 835_584e-9 + 131_072e-9), small.trainGflop(), 1e-12);
  }

  @Test
  void dividesEachSpeedByThePeakOfItsOwnMachine() {
    // 2 * (1170 + 1220) / 2 tokens/s at twice the middle peak of (190 + 217) / 2 is the same speed
    assertEquals(1, Reference.PYTORCH_DECODE.ratio(2390, 407), 1e-9);
  }
}
