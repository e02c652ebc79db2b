/**
 * What a run leaves for people to read: {@code metrics.jsonl}, TensorBoard event files and {@code
 * report.html}.
 *
 * <p>{@link dev.troupe.runtime.record.RunRecord} holds them together. The numbers enter as {@link
 * dev.troupe.runtime.record.StepMetrics}, one record a step; {@link
 * dev.troupe.runtime.record.Metric} says what each metric name means.
 */
package dev.troupe.runtime.record;
