/**
 * Honest numbers about evaluations: confidence intervals for an accuracy, for a mean and for a
 * difference of two models on the same prompts.
 */
package dev.troupe.runtime.statistics;
