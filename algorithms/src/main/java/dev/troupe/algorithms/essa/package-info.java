/**
 * Evolution strategies for alignment (ESSA, arXiv 2507.04453): CMA-ES over the singular values of
 * LoRA factors, with forward passes only. Everything is on the host, in float64, with a fixed order
 * of operations and {@link java.lang.StrictMath}, so that workers which exchange only seeds and
 * rewards hold the same state bit for bit.
 */
package dev.troupe.algorithms.essa;
