package dev.troupe.actors.chat;

import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;

/** Whom a client talks to: decides what a request continues and how, and keeps what was said. */
interface ChatHost {
  /**
   * Takes up a request.
   *
   * @throws ChatException if it cannot be answered
   */
  Turn open(ChatRequest request) throws ChatException, InterruptedException;

  /** A request that is being answered. */
  interface Turn extends AutoCloseable {
    /** What is to be continued. */
    GenerationRequest request();

    /** How. */
    Sampling sampling();

    /** Seed of the random numbers, with the ticket and the sample of the request. */
    long seed();

    /** Notes what was said, before the client reads it. */
    void said(ChatAnswer.Choice choice);

    /** Lets the next request in, whatever became of this one. */
    @Override
    void close();
  }
}
