package dev.troupe.actors.protocol;

/** What the rollouts of a ticket are for. */
public enum Purpose {
  /** They are trained on: log-probabilities, rewards and reference parts are needed. */
  TRAINING,
  /** They measure the policy on held-out prompts: only rewards are needed. */
  EVALUATION
}
