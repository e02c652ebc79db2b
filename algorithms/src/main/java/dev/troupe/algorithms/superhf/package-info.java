/**
 * SuperHF (Mukobi et al. 2023): sample, keep the best completions by reward, and learn them by
 * cross-entropy, held near the original model by a divergence; again and again with the updated
 * policy. {@link dev.troupe.algorithms.superhf.BestFilter} selects, {@link
 * dev.troupe.algorithms.superhf.SuperHfLoss} learns.
 */
package dev.troupe.algorithms.superhf;
