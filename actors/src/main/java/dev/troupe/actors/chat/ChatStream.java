package dev.troupe.actors.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import dev.troupe.runtime.generation.Completion;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An answer as server-sent events. Text is sent as soon as it cannot change any more: what may be
 * the beginning of a stop text or of a tool call, and a character that is not complete, are held
 * back.
 */
final class ChatStream {
  private static final long BEAT_MILLIS = 50;
  private static final String TOOL_CALL = "<tool_call>";
  private static final char INCOMPLETE = '\uFFFD';

  private final HttpExchange exchange;
  private final ChatAnswer answer;
  private final ChatRequest request;
  private final ChatHost.Turn turn;
  private final Reader reader;
  private final List<String> sent = new ArrayList<>();
  private final List<Integer> told = new ArrayList<>();

  /** Reads a completion as a client sees it. */
  @FunctionalInterface
  interface Reader {
    /** The choice that a completion is. */
    ChatAnswer.Choice choice(
        Completion completion, ChatHost.Turn turn, ChatRequest request, String id);
  }

  ChatStream(
      HttpExchange exchange,
      ChatAnswer answer,
      ChatRequest request,
      ChatHost.Turn turn,
      Reader reader) {
    this.exchange = exchange;
    this.answer = answer;
    this.request = request;
    this.turn = turn;
    this.reader = reader;
    for (int i = 0; i < request.n(); i++) {
      sent.add("");
      told.add(0);
    }
  }

  /**
   * Sends pieces until the answer is complete.
   *
   * @param news what there is so far, now and then
   * @param result the whole
   * @throws ChatException if there is no answer, as long as nothing was sent
   */
  void pump(
      BlockingQueue<List<Completion>> news,
      CompletableFuture<List<Completion>> result,
      Duration deadline)
      throws ChatException, IOException, InterruptedException {
    long end = System.nanoTime() + deadline.toNanos();
    OutputStream out = null;
    while (!result.isDone() && System.nanoTime() < end) {
      List<Completion> so = news.poll(BEAT_MILLIS, TimeUnit.MILLISECONDS);
      if (so != null) {
        out = out == null ? open() : out;
        for (int i = 0; i < so.size(); i++) {
          pieces(out, i, so.get(i), false);
        }
      }
    }
    List<Completion> completions;
    try {
      completions = result.get(1, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      var refused =
          e instanceof TimeoutException
              ? ChatException.of(504, "There was no answer within " + deadline + ".")
              : ChatException.of(500, "The model failed: " + e.getCause().getMessage());
      if (out == null) {
        throw refused;
      }
      event(out, ChatAnswer.error(refused));
      return;
    }
    finish(out == null ? open() : out, completions);
  }

  private void finish(OutputStream out, List<Completion> completions) throws IOException {
    var choices = new ArrayList<ChatAnswer.Choice>();
    for (Completion completion : completions) {
      choices.add(reader.choice(completion, turn, request, answer.id()));
    }
    choices.forEach(turn::said);
    for (int i = 0; i < choices.size(); i++) {
      pieces(out, i, completions.get(i), true);
      event(out, answer.ending(i, choices.get(i)));
    }
    if (request.hasUsage()) {
      event(out, answer.usagePiece(choices, turn.request().promptTokens().length));
    }
    out.write("data: [DONE]\n\n".getBytes(UTF_8));
    out.flush();
  }

  private OutputStream open() throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    for (int i = 0; i < request.n(); i++) {
      event(out, answer.opening(i));
    }
    return out;
  }

  private void pieces(OutputStream out, int index, Completion so, boolean isWhole)
      throws IOException {
    if (so.tokens().length == 0) {
      return;
    }
    String text = reader.choice(so, turn, request, answer.id()).content();
    String safe = isWhole || so.finish() != null ? text : text.substring(0, safeLength(text));
    String before = sent.get(index);
    int tokens = told.get(index);
    boolean hasNewTokens = request.hasLogps() && so.tokens().length > tokens;
    if (safe.length() <= before.length() && !(hasNewTokens && isWhole)) {
      return;
    }
    String piece = safe.length() > before.length() ? safe.substring(before.length()) : "";
    event(out, answer.text(index, piece, request.hasLogps() ? so : null, tokens));
    sent.set(index, safe);
    told.set(index, so.tokens().length);
  }

  /** How much of a text stays as it is, whatever follows. */
  private int safeLength(String text) {
    int safe = text.length();
    while (safe > 0 && text.charAt(safe - 1) == INCOMPLETE) {
      safe--;
    }
    for (String stop : turn.sampling().stopStrings()) {
      safe = Math.min(safe, text.length() - overlap(text, stop));
    }
    if (request.tools().isEmpty()) {
      return safe;
    }
    int call = text.indexOf(TOOL_CALL);
    String said = (call < 0 ? text : text.substring(0, call)).stripTrailing();
    return Math.min(safe, said.length() - overlap(said, TOOL_CALL));
  }

  /** Length of the longest end of a text with which another begins. */
  private static int overlap(String text, String begins) {
    for (int length = Math.min(text.length(), begins.length()); length > 0; length--) {
      if (text.endsWith(begins.substring(0, length))) {
        return length;
      }
    }
    return 0;
  }

  private static void event(OutputStream out, JsonNode json) throws IOException {
    out.write(("data: " + json + "\n\n").getBytes(UTF_8));
    out.flush();
  }
}
