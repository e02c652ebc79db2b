/**
 * Learning from responses that another policy generated: an engine with other kernels, weights that
 * are some versions old, or both. Three policies take part: the generator or behaviour policy, the
 * proximal policy before the update, and the policy being trained.
 */
package dev.troupe.algorithms.offpolicy;
