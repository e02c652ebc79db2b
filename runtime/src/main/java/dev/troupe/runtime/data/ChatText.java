package dev.troupe.runtime.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.settings.ChatTurns;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.util.Map;
import java.util.Optional;

/**
 * Chat messages as a text: what the model reads, and what the assistant says last.
 *
 * @param prompt all messages but a last one of the assistant, and what opens its answer
 * @param answer that last message; empty if somebody else speaks last
 */
record ChatText(String prompt, Optional<String> answer) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Whether a value looks like a list of messages. */
  static boolean isChat(String value) {
    return value.startsWith("[{") && value.endsWith("}]");
  }

  /**
   * Reads a list of {@code {"role": ..., "content": ...}}, also with the older names {@code from}
   * and {@code value}.
   *
   * @param field where it stands, for messages
   * @throws IllegalArgumentException if it is something else
   */
  static ChatText of(String field, String value, ChatTurns turns) {
    JsonNode messages;
    try {
      messages = JSON.readTree(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the field \"%s\" is not a list of chat messages".formatted(field));
    }
    if (!messages.isArray() || messages.isEmpty()) {
      throw new IllegalArgumentException(
          "the field \"%s\" is not a list of chat messages".formatted(field));
    }
    var prompt = new StringBuilder();
    for (int i = 0; i < messages.size(); i++) {
      String role = part(field, i, messages.get(i), "role", "from");
      String content = part(field, i, messages.get(i), "content", "value");
      boolean isAssistant = role.equals("assistant") || role.equals("gpt");
      if (isAssistant && i == messages.size() - 1) {
        return new ChatText(prompt + turns.open(), Optional.of(content));
      }
      prompt.append(template(field, i, role, turns).render(Map.of("content", content)));
    }
    return new ChatText(prompt + turns.open(), Optional.empty());
  }

  private static PromptTemplate template(String field, int i, String role, ChatTurns turns) {
    return switch (role) {
      case "system", "developer" -> turns.system();
      case "user", "human" -> turns.user();
      case "assistant", "gpt" -> turns.assistant();
      case "tool", "function" -> turns.tool();
      default ->
          throw new IllegalArgumentException(
              "message %d of the field \"%s\" has the role \"%s\", not system, user, assistant or tool"
                  .formatted(i + 1, field, role));
    };
  }

  private static String part(String field, int i, JsonNode message, String name, String other) {
    JsonNode value = message.has(name) ? message.get(name) : message.path(other);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(
          "message %d of the field \"%s\" has no text \"%s\"".formatted(i + 1, field, name));
    }
    return value.textValue();
  }
}
