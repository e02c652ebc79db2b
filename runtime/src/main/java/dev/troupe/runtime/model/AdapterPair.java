package dev.troupe.runtime.model;

/**
 * The two factors of one low-rank adapter on the host, as float64; those of weights are exactly
 * their float32 values.
 *
 * @param module what it adapts, for instance {@code model.layers.0.self_attn.q_proj}
 * @param a the inner factor A, (rank, inputs); not to be written to
 * @param b the outer factor B, (outputs, rank); not to be written to
 */
public record AdapterPair(String module, double[][] a, double[][] b) {}
