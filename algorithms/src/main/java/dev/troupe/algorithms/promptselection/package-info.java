/**
 * Prompts chosen for each query by a success predictor that is learned offline from logs, without
 * another call of the language model (Prompt-OIRL, Sun et al. 2024): the inverse-RL view of
 * prompting.
 */
package dev.troupe.algorithms.promptselection;
