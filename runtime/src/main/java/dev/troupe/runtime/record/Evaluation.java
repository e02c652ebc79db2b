package dev.troupe.runtime.record;

/**
 * How good the model was on a fixed set of prompts at one moment of the run.
 *
 * @param task what was asked, such as {@code held-out}; evaluations of one task are comparable
 * @param moment when, such as {@code before} or {@code after grpo}
 * @param measure what was found
 */
public record Evaluation(String task, String moment, Measure measure) {}
