/**
 * Judging completions: reward functions that ship with the project or come from a user's jar, and
 * the weighted sum of several, which is a number or a failure with its reason.
 */
package dev.troupe.runtime.reward;
