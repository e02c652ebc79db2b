package dev.troupe.actors.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Calls of tools in what a model writes: {@code <tool_call>{"name": …, "arguments":
 * {…}}</tool_call>}, as the chat templates of Hermes and Qwen ask for. What is no such call stays
 * text.
 */
final class ToolCalls {
  private static final Pattern CALL =
      Pattern.compile("<tool_call>\\s*(\\{.*?})\\s*</tool_call>", Pattern.DOTALL);

  private ToolCalls() {}

  /**
   * A call.
   *
   * @param id names it for the tool's answer
   * @param name of the tool
   * @param arguments JSON as text
   */
  record Call(String id, String name, String arguments) {}

  /**
   * What a model said, apart.
   *
   * @param content the text before the first call, without the space behind it; all if there is
   *     none
   */
  record Reading(String content, List<Call> calls) {}

  /**
   * Reads a turn.
   *
   * @param prefix of the names of its calls, unique in the conversation
   */
  static Reading read(String text, String prefix) {
    var calls = new ArrayList<Call>();
    int first = -1;
    for (Matcher match = CALL.matcher(text); match.find(); ) {
      try {
        JsonNode call = ChatAnswer.JSON.readTree(match.group(1));
        if (call.path("name").isTextual()) {
          JsonNode arguments = call.path("arguments");
          calls.add(
              new Call(
                  prefix + "-" + calls.size(),
                  call.path("name").textValue(),
                  arguments.isTextual() ? arguments.textValue() : written(arguments)));
          first = first < 0 ? match.start() : first;
        }
      } catch (JsonProcessingException e) {
        continue; // A model that writes no JSON has written a text.
      }
    }
    return calls.isEmpty()
        ? new Reading(text, List.of())
        : new Reading(text.substring(0, first).stripTrailing(), calls);
  }

  private static String written(JsonNode arguments) {
    return arguments.isMissingNode() || arguments.isNull() ? "{}" : arguments.toString();
  }

  /** Writes calls in OpenAI's form. */
  static void write(ArrayNode list, List<Call> calls, boolean isStreamed) {
    for (Call call : calls) {
      ObjectNode json = list.addObject();
      if (isStreamed) {
        json.put("index", list.size() - 1);
      }
      json.put("id", call.id());
      json.put("type", "function");
      json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    }
  }
}
