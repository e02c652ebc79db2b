package dev.troupe.runtime.record;

import dev.troupe.runtime.statistics.Proportion;

/**
 * The accuracy of the model on a fixed set of prompts at one moment of the run.
 *
 * @param task what was asked, such as {@code held-out}; evaluations of one task are comparable
 * @param moment when, such as {@code before} or {@code after grpo}
 * @param accuracy the share of prompts that were answered correctly
 */
public record Evaluation(String task, String moment, Proportion accuracy) {}
