/**
 * What can go wrong in training although nothing fails, seen in the recorded steps: pure functions
 * of {@link dev.troupe.runtime.record.StepMetrics}, the same for a live run and for an old one.
 *
 * <p>{@link dev.troupe.runtime.alarm.Alarms} follows the steps; {@link
 * dev.troupe.runtime.alarm.Rule} holds the thresholds and where they come from.
 */
package dev.troupe.runtime.alarm;
