package dev.troupe.actors.chat;

import dev.troupe.actors.protocol.Given;
import dev.troupe.actors.protocol.Interplay;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.tokenizer.TokenizerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What one agent program and the policy say to each other, which becomes a rollout.
 *
 * <p>A request whose messages begin with those of an earlier exchange, the policy's own answer
 * among them as it was given out, goes on from the tokens of that exchange: the answer stays as it
 * was sampled, and only what is new is encoded. If that exchange was the last one, the rollout's
 * segment grows; otherwise, and when an agent edits what was said before, a segment begins anew,
 * with all of its context given.
 *
 * <p>The recipe decides how is sampled, because what is learnt from must come from the policy that
 * is trained: temperature, top_p and seed of a request are passed over. Requests of one session are
 * answered one after the other.
 */
final class AgentSession implements ChatHost {
  private final PromptTokens prompts;
  private final Sampling sampling;
  private final long seed;
  private final long draw;
  private final int sample;
  private final int maxTurns;
  private final Duration patience;
  private final Semaphore turn = new Semaphore(1);
  private final List<Exchange> exchanges = new ArrayList<>();
  private final List<Given> given = new ArrayList<>();
  private final List<Completion> sampled = new ArrayList<>();
  private final StringBuilder transcript = new StringBuilder();
  private int length;
  private String text = "";
  private OptionalDouble reward = OptionalDouble.empty();
  private boolean isOver;

  /**
   * An exchange that can be gone on from.
   *
   * @param messages up to the policy's answer, which is the last
   * @param tools that were offered
   * @param tokens of all of it, the answer as it was sampled
   * @param ending the token with which the policy ended its answer, or {@link Tokenizer#NONE}
   */
  private record Exchange(
      List<Map<String, Object>> messages, List<Object> tools, int[] tokens, int ending) {

    boolean isBefore(ChatRequest request) {
      return request.messages().size() > messages.size()
          && request.messages().subList(0, messages.size()).equals(messages)
          && request.tools().equals(tools);
    }
  }

  /**
   * @param sampling the recipe's
   * @param seed of the unit
   * @param draw of the ticket
   * @param sample of the rollout
   * @param maxTurns requests that are answered
   * @param patience how long a request waits for the one before it
   */
  AgentSession(
      PromptTokens prompts,
      Sampling sampling,
      long seed,
      long draw,
      int sample,
      int maxTurns,
      Duration patience) {
    this.prompts = prompts;
    this.sampling = sampling;
    this.seed = seed;
    this.draw = draw;
    this.sample = sample;
    this.maxTurns = maxTurns;
    this.patience = patience;
  }

  @Override
  public Turn open(ChatRequest request) throws ChatException, InterruptedException {
    if (request.n() != 1) {
      throw ChatException.invalid("n", "n must be 1 in a session that is trained on.");
    }
    if (!turn.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw ChatException.of(429, "The request before this one is not answered yet.");
    }
    try {
      return begin(request);
    } catch (ChatException | RuntimeException e) {
      turn.release();
      throw e;
    }
  }

  private synchronized Turn begin(ChatRequest request) throws ChatException {
    if (isOver) {
      throw ChatException.of(403, "This session is over.");
    }
    if (sampled.size() == maxTurns) {
      throw ChatException.of(403, "A session has at most %d turns.".formatted(maxTurns));
    }
    Optional<Exchange> before = longestBefore(request);
    int[] fresh =
        before.isPresent() ? since(before.get(), request) : ServedModel.opening(prompts, request);
    int[] context = before.isPresent() ? joined(before.get().tokens(), fresh) : fresh;
    ServedModel.requireRoom(context.length, prompts.config().context());
    boolean goesOn = before.isPresent() && before.get() == last();
    List<Integer> stop = sampling.stopTokens();
    var texts = new ArrayList<>(sampling.stopStrings());
    request.stop().stream().filter(it -> !texts.contains(it)).forEach(texts::add);
    var asked =
        new GenerationRequest(
            draw, context, 1, sample, length, request.maxTokens().orElse(Integer.MAX_VALUE));
    var how =
        new Sampling(
            sampling.temperature(),
            sampling.topK(),
            sampling.topP(),
            sampling.minP(),
            sampling.repetitionPenalty(),
            sampling.maxTokens(),
            stop,
            texts);
    return new Exchanging(request, asked, how, goesOn ? fresh : context, !goesOn);
  }

  private Optional<Exchange> longestBefore(ChatRequest request) {
    Exchange longest = null;
    for (Exchange exchange : exchanges) {
      boolean isLonger = longest == null || exchange.messages().size() >= longest.messages().size();
      if (isLonger && exchange.isBefore(request)) {
        longest = exchange;
      }
    }
    return Optional.ofNullable(longest);
  }

  private Exchange last() {
    return exchanges.isEmpty() ? null : exchanges.get(exchanges.size() - 1);
  }

  private int[] since(Exchange exchange, ChatRequest request) throws ChatException {
    try {
      return prompts
          .tokenizer()
          .conversation()
          .since(
              request.messages(),
              exchange.messages().size() - 1,
              ServedModel.variables(request),
              exchange.ending());
    } catch (TokenizerException e) {
      throw ChatException.invalid("messages", e.getMessage());
    }
  }

  private static int[] joined(int[] first, int[] second) {
    int[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** Notes what the agent itself says the rollout is worth; the last word counts. */
  synchronized void reward(double value) throws ChatException {
    if (isOver) {
      throw ChatException.of(403, "This session is over.");
    }
    reward = OptionalDouble.of(value);
  }

  /**
   * Ends the session.
   *
   * @param failure why nothing can be said of the rollout; empty if all went well
   */
  synchronized Rollout end(Optional<String> failure, Provenance provenance) {
    isOver = true;
    int[] tokens = new int[length];
    float[] logps = new float[length];
    int next = 0;
    FinishReason finish = FinishReason.LENGTH;
    for (Completion completion : sampled) {
      System.arraycopy(completion.tokens(), 0, tokens, next, completion.tokens().length);
      System.arraycopy(completion.logps(), 0, logps, next, completion.tokens().length);
      next += completion.tokens().length;
      finish = completion.finish();
    }
    Optional<Outcome> outcome =
        failure
            .<Outcome>map(Outcome.Failed::new)
            .or(
                () ->
                    reward.isPresent()
                        ? Optional.of(new Outcome.Scored(reward.getAsDouble(), Map.of()))
                        : Optional.empty());
    return new Rollout(
        sample,
        tokens,
        logps,
        finish,
        text,
        provenance,
        new Interplay(given, sampled.size(), transcript.toString(), outcome));
  }

  private synchronized void note(Exchanging exchange, ChatAnswer.Choice choice) {
    if (isOver) {
      return; // Whoever ended the session has counted its tokens.
    }
    Completion completion = choice.completion();
    if (exchange.fresh.length > 0) {
      given.add(new Given(length, exchange.isAnew, exchange.fresh));
    }
    sampled.add(completion);
    length += completion.tokens().length;
    text = prompts.text(completion, exchange.sampling.stopStrings());
    List<Map<String, Object>> asked = exchange.chat.messages();
    transcript
        .append(transcript.length() == 0 ? "[" : "\n[")
        .append(asked.get(asked.size() - 1).get("content"))
        .append("]\n")
        .append(text);
    var messages = new ArrayList<>(asked);
    messages.add(answer(choice));
    boolean isEnded = completion.finish() == FinishReason.STOP_TOKEN;
    int[] tokens = completion.tokens();
    exchanges.add(
        new Exchange(
            List.copyOf(messages),
            exchange.chat.tools(),
            joined(exchange.request.promptTokens(), tokens),
            isEnded ? tokens[tokens.length - 1] : Tokenizer.NONE));
  }

  /** The policy's answer as a client sends it back, in canonical form. */
  private static Map<String, Object> answer(ChatAnswer.Choice choice) {
    var json = ChatAnswer.JSON.createObjectNode();
    ChatAnswer.message(json, choice);
    Map<String, Object> canonical = new LinkedHashMap<>();
    canonical.put("role", "assistant");
    canonical.put("content", choice.content());
    if (json.has("tool_calls")) {
      canonical.put("tool_calls", ChatRequest.plain(json.get("tool_calls")));
    }
    return canonical;
  }

  /** A request that is being answered. */
  private final class Exchanging implements Turn {
    private final ChatRequest chat;
    private final GenerationRequest request;
    private final Sampling sampling;
    private final int[] fresh;
    private final boolean isAnew;

    Exchanging(
        ChatRequest chat,
        GenerationRequest request,
        Sampling sampling,
        int[] fresh,
        boolean isAnew) {
      this.chat = chat;
      this.request = request;
      this.sampling = sampling;
      this.fresh = fresh;
      this.isAnew = isAnew;
    }

    @Override
    public GenerationRequest request() {
      return request;
    }

    @Override
    public Sampling sampling() {
      return sampling;
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public void said(ChatAnswer.Choice choice) {
      note(this, choice);
    }

    @Override
    public void close() {
      turn.release();
    }
  }
}
