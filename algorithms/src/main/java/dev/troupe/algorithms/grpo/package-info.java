/**
 * Group Relative Policy Optimization and the variants that differ from it by a setting: Dr. GRPO
 * and DAPO.
 */
package dev.troupe.algorithms.grpo;
