/**
 * The policy-gradient loss as a composition: which probability ratio, what the clip does with it,
 * what corrects for a generator that is another policy, which divergence is added, and how tokens
 * are weighed. The published methods are particular choices, each in a package of its own.
 */
package dev.troupe.algorithms.policy;
