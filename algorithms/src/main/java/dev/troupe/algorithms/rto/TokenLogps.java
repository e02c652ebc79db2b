package dev.troupe.algorithms.rto;

/**
 * Log-probabilities of the tokens of one response under the models that pay for them, nats. All
 * present arrays have the length T of the response; padding is not part of it.
 *
 * @param policy under the policy that sampled the response
 * @param reference under the reference of the KL penalty; may be null if that is off
 * @param dpo under the DPO model; may be null if the shaping is off
 * @param dpoReference under the model that the DPO model was trained from, which need not be {@code
 *     reference}; may be null if the shaping is off
 */
public record TokenLogps(float[] policy, float[] reference, float[] dpo, float[] dpoReference) {}
