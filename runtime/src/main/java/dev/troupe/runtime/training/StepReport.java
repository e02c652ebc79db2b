package dev.troupe.runtime.training;

/**
 * What one optimizer step did.
 *
 * @param loss sum of the micro-batches' losses
 * @param gradientNorm global norm before clipping
 * @param learningRate rate of this step
 * @param meanEntropy mean entropy in nats over response tokens, 0 without any
 * @param tokens tokens that went through the decoder, padding excluded
 * @param microBatches number of forward and backward passes
 * @param tally what the losses kept
 */
public record StepReport(
    double loss,
    double gradientNorm,
    double learningRate,
    double meanEntropy,
    long tokens,
    int microBatches,
    Tally tally) {}
