package dev.troupe.runtime.generation;

/** Why a completion ended. */
public enum FinishReason {
  /** A stop token was drawn; it is the last token of the completion. */
  STOP_TOKEN,
  /** The text contains a stop string; the token that completed it is the last one. */
  STOP_STRING,
  /** The length limit was reached: the completion is truncated. */
  LENGTH
}
