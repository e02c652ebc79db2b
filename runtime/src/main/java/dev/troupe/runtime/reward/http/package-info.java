/**
 * Rewards that another server gives: an endpoint that speaks JSON, and a language model behind an
 * OpenAI-compatible one that judges by a rubric. Calls are bounded in time, number and size, and
 * what goes wrong is a failure with its reason, never a number.
 */
package dev.troupe.runtime.reward.http;
