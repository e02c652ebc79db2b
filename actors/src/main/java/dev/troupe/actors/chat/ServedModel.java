package dev.troupe.actors.chat;

import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.tokenizer.TokenizerException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A model that answers whoever asks, each request by itself. */
final class ServedModel implements ChatHost {
  private final PromptTokens prompts;
  private final AtomicLong requests = new AtomicLong();
  private final long start;

  /**
   * @param start of the random numbers of requests without a seed
   */
  ServedModel(PromptTokens prompts, long start) {
    this.prompts = prompts;
    this.start = start;
  }

  @Override
  public Turn open(ChatRequest request) throws ChatException {
    int[] prompt = opening(prompts, request);
    int context = prompts.config().context();
    requireRoom(prompt.length, context);
    // The seed takes the ticket's place, so that requests with different ones share a batch.
    long ticket = request.seed().orElseGet(() -> start + requests.incrementAndGet());
    var asked =
        new GenerationRequest(
            ticket, prompt, request.n(), 0, 0, request.maxTokens().orElse(Integer.MAX_VALUE));
    var sampling =
        new Sampling(
            request.temperature().orElse(1),
            0,
            request.topP().orElse(1),
            0,
            1,
            context,
            prompts.stopTokens(),
            request.stop());
    return new Answered(asked, sampling);
  }

  /** The tokens of a conversation up to where the model speaks. */
  static int[] opening(PromptTokens prompts, ChatRequest request) throws ChatException {
    try {
      return prompts.tokenizer().conversation().open(request.messages(), variables(request));
    } catch (TokenizerException e) {
      throw ChatException.invalid("messages", e.getMessage());
    }
  }

  static Map<String, Object> variables(ChatRequest request) {
    return request.tools().isEmpty() ? Map.of() : Map.of("tools", List.copyOf(request.tools()));
  }

  static void requireRoom(int promptTokens, int context) throws ChatException {
    if (promptTokens == 0) {
      throw ChatException.invalid("messages", "The messages have no token.");
    }
    if (promptTokens >= context) {
      throw ChatException.invalid(
          "messages",
          "The messages have %d tokens, and the model's context holds %d, so no answer fits."
              .formatted(promptTokens, context));
    }
  }

  private record Answered(GenerationRequest request, Sampling sampling) implements Turn {
    @Override
    public long seed() {
      return 0;
    }

    @Override
    public void said(ChatAnswer.Choice choice) {}

    @Override
    public void close() {}
  }
}
