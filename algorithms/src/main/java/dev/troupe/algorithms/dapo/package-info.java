/**
 * What DAPO (Yu et al. 2025) does around its loss: groups without a signal are replaced, and
 * responses near the length limit are penalised. The loss is GRPO with other settings.
 */
package dev.troupe.algorithms.dapo;
