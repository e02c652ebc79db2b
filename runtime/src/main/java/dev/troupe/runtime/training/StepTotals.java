package dev.troupe.runtime.training;

/**
 * What micro-batches add up to beside their gradient.
 *
 * @param loss sum of their losses
 * @param entropy sum of the entropies of the selected tokens, nats
 * @param selected tokens that count in the mean entropy
 * @param tokens tokens that went through the decoder, padding excluded
 * @param microBatches how many
 * @param tally what their losses kept
 */
public record StepTotals(
    double loss, double entropy, long selected, long tokens, int microBatches, Tally tally) {

  /** Totals of nothing. */
  static StepTotals none() {
    return new StepTotals(0, 0, 0, 0, 0, new Tally());
  }

  StepTotals plus(StepTotals more) {
    return new StepTotals(
        loss + more.loss,
        entropy + more.entropy,
        selected + more.selected,
        tokens + more.tokens,
        microBatches + more.microBatches,
        tally.and(more.tally));
  }

  /** Mean entropy in nats over the selected tokens, 0 without any. */
  double meanEntropy() {
    return selected == 0 ? 0 : entropy / selected;
  }
}
