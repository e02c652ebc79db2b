package dev.troupe.actors.chat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Writes answers in OpenAI's form, whole or piece by piece. */
final class ChatAnswer {
  static final JsonMapper JSON = new JsonMapper();

  private final String id;
  private final String model;
  private final long created;
  private final Tokenizer tokenizer;

  /**
   * One completion, read.
   *
   * @param content what was said, without tool calls
   * @param calls the tools that are called
   * @param completion as it was sampled
   */
  record Choice(String content, List<ToolCalls.Call> calls, Completion completion) {}

  ChatAnswer(String id, String model, Instant created, Tokenizer tokenizer) {
    this.id = id;
    this.model = model;
    this.created = created.getEpochSecond();
    this.tokenizer = tokenizer;
  }

  /** The name of the answer. */
  String id() {
    return id;
  }

  private ObjectNode frame(String object) {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", id);
    json.put("object", object);
    json.put("created", created);
    json.put("model", model);
    return json;
  }

  /** The whole answer. */
  ObjectNode whole(List<Choice> choices, int promptTokens, boolean hasLogps) {
    ObjectNode json = frame("chat.completion");
    ArrayNode list = json.putArray("choices");
    for (Choice choice : choices) {
      ObjectNode one = list.addObject();
      one.put("index", list.size() - 1);
      message(one.putObject("message"), choice);
      one.put("finish_reason", finish(choice));
      if (hasLogps) {
        logps(one, choice.completion(), 0);
      } else {
        one.putNull("logprobs");
      }
    }
    json.set("usage", usage(choices, promptTokens));
    return json;
  }

  /** What a client is to send back as the assistant's message. */
  static void message(ObjectNode message, Choice choice) {
    message.put("role", "assistant");
    if (choice.content().isEmpty() && !choice.calls().isEmpty()) {
      message.putNull("content");
    } else {
      message.put("content", choice.content());
    }
    if (!choice.calls().isEmpty()) {
      ToolCalls.write(message.putArray("tool_calls"), choice.calls(), false);
    }
  }

  /** A piece with who speaks. */
  ObjectNode opening(int index) {
    return piece(index, null, null, Optional.empty());
  }

  /**
   * A piece of text.
   *
   * @param logps the completion with the index of its first token that is new; null for none
   */
  ObjectNode text(int index, String text, Completion logps, int firstToken) {
    ObjectNode json = piece(index, text, null, Optional.empty());
    if (logps != null) {
      logps((ObjectNode) json.path("choices").get(0), logps, firstToken);
    }
    return json;
  }

  /** The last piece of a completion. */
  ObjectNode ending(int index, Choice choice) {
    return piece(index, null, choice.calls(), Optional.of(finish(choice)));
  }

  private ObjectNode piece(
      int index, String text, List<ToolCalls.Call> calls, Optional<String> finish) {
    ObjectNode json = frame("chat.completion.chunk");
    ObjectNode one = json.putArray("choices").addObject();
    one.put("index", index);
    ObjectNode delta = one.putObject("delta");
    if (text != null) {
      delta.put("content", text);
    } else if (finish.isEmpty()) {
      delta.put("role", "assistant").put("content", "");
    } else if (!calls.isEmpty()) {
      ToolCalls.write(delta.putArray("tool_calls"), calls, true);
    }
    finish.ifPresentOrElse(
        reason -> one.put("finish_reason", reason), () -> one.putNull("finish_reason"));
    return json;
  }

  /** What a streamed answer cost. */
  ObjectNode usagePiece(List<Choice> choices, int promptTokens) {
    ObjectNode json = frame("chat.completion.chunk");
    json.putArray("choices");
    json.set("usage", usage(choices, promptTokens));
    return json;
  }

  private static ObjectNode usage(List<Choice> choices, int promptTokens) {
    int sampled = choices.stream().mapToInt(it -> it.completion().tokens().length).sum();
    ObjectNode usage = JSON.createObjectNode();
    usage.put("prompt_tokens", promptTokens);
    usage.put("completion_tokens", sampled);
    usage.put("total_tokens", promptTokens + sampled);
    return usage;
  }

  private static String finish(Choice choice) {
    if (choice.completion().finish() == FinishReason.LENGTH) {
      return "length";
    }
    return choice.calls().isEmpty() ? "stop" : "tool_calls";
  }

  private void logps(ObjectNode choice, Completion completion, int first) {
    ArrayNode content = choice.putObject("logprobs").putArray("content");
    for (int t = first; t < completion.tokens().length; t++) {
      byte[] bytes = tokenizer.bytes(completion.tokens()[t]);
      ObjectNode token = content.addObject();
      token.put("token", new String(bytes, StandardCharsets.UTF_8));
      token.put("logprob", completion.logps()[t]);
      ArrayNode written = token.putArray("bytes");
      for (byte one : bytes) {
        written.add(Byte.toUnsignedInt(one));
      }
      token.putArray("top_logprobs");
    }
  }

  /** An error in OpenAI's form. */
  static ObjectNode error(ChatException refused) {
    ObjectNode json = JSON.createObjectNode();
    ObjectNode error = json.putObject("error");
    error.put("message", refused.getMessage());
    error.put("type", refused.type());
    error.put("param", refused.parameter());
    error.putNull("code");
    return json;
  }
}
