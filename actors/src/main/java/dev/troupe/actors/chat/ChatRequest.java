package dev.troupe.actors.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A request for chat completions. What is not known is passed over as other servers do; what is
 * known but would change the distribution in a way that is not supported is refused.
 *
 * @param messages in canonical form: role, content as one text, and what templates may read
 * @param tools as they were sent; empty for none
 * @param n completions wanted
 * @param temperature if given
 * @param topP if given
 * @param maxTokens longest completion, if given
 * @param stop texts that end a completion
 * @param seed if given
 * @param isStreamed whether the answer comes piece by piece
 * @param hasUsage whether a streamed answer ends with what it cost
 * @param hasLogps whether log-probabilities of the tokens are wanted
 */
record ChatRequest(
    List<Map<String, Object>> messages,
    List<Object> tools,
    int n,
    OptionalDouble temperature,
    OptionalDouble topP,
    OptionalInt maxTokens,
    List<String> stop,
    OptionalLong seed,
    boolean isStreamed,
    boolean hasUsage,
    boolean hasLogps) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MOST_CHOICES = 128;
  private static final int MOST_STOPS = 16;
  private static final List<String> ROLES =
      List.of("system", "developer", "user", "assistant", "tool", "function");

  /** What a message may carry beside role and content. */
  private static final List<String> KEPT = List.of("tool_calls", "tool_call_id", "name");

  ChatRequest {
    messages = List.copyOf(messages);
    tools = List.copyOf(tools);
    stop = List.copyOf(stop);
  }

  /**
   * Reads a request.
   *
   * @throws ChatException naming the first field that is wrong
   */
  static ChatRequest parse(byte[] body) throws ChatException {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw ChatException.invalid(null, "The body is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw ChatException.invalid(null, "The body cannot be read: " + e.getMessage());
    }
    if (root == null || !root.isObject()) {
      throw ChatException.invalid(null, "The body must be a JSON object.");
    }
    refuseUnsupported(root);
    OptionalInt maxTokens = whole(root, "max_completion_tokens", 1, 10_000_000);
    return new ChatRequest(
        messages(root.path("messages")),
        tools(root.path("tools")),
        whole(root, "n", 1, MOST_CHOICES).orElse(1),
        decimal(root, "temperature", 0, 10),
        decimal(root, "top_p", Double.MIN_VALUE, 1),
        maxTokens.isPresent() ? maxTokens : whole(root, "max_tokens", 1, 10_000_000),
        stops(root.path("stop")),
        seed(root.path("seed")),
        flag(root, "stream"),
        flag(root.path("stream_options"), "include_usage"),
        flag(root, "logprobs"));
  }

  private static void refuseUnsupported(JsonNode root) throws ChatException {
    for (String key : List.of("presence_penalty", "frequency_penalty")) {
      if (root.path(key).asDouble(0) != 0) {
        throw ChatException.invalid(key, key + " is not supported; leave it out.");
      }
    }
    if (root.path("logit_bias").size() > 0) {
      throw ChatException.invalid("logit_bias", "logit_bias is not supported; leave it out.");
    }
    if (root.path("top_logprobs").asInt(0) != 0) {
      throw ChatException.invalid(
          "top_logprobs",
          "top_logprobs must be 0: only the log-probability of the sampled token is known.");
    }
    String format = root.path("response_format").path("type").asText("text");
    if (!format.equals("text")) {
      throw ChatException.invalid(
          "response_format", "response_format must be text; " + format + " is not supported.");
    }
  }

  private static List<Map<String, Object>> messages(JsonNode list) throws ChatException {
    if (!list.isArray() || list.isEmpty()) {
      throw ChatException.invalid("messages", "messages must be a list of at least one message.");
    }
    var messages = new ArrayList<Map<String, Object>>();
    for (JsonNode message : list) {
      messages.add(message(message, "messages[" + messages.size() + "]"));
    }
    return messages;
  }

  private static Map<String, Object> message(JsonNode message, String path) throws ChatException {
    String role = message.path("role").asText("");
    if (!ROLES.contains(role)) {
      throw ChatException.invalid(
          path + ".role",
          "%s.role is \"%s\"; it must be one of %s."
              .formatted(path, role, String.join(", ", ROLES)));
    }
    Map<String, Object> canonical = new LinkedHashMap<>();
    canonical.put("role", role);
    canonical.put("content", content(message.path("content"), path));
    for (String key : KEPT) {
      if (message.hasNonNull(key)) {
        canonical.put(key, plain(message.get(key)));
      }
    }
    return canonical;
  }

  private static String content(JsonNode content, String path) throws ChatException {
    if (content.isMissingNode() || content.isNull()) {
      return "";
    }
    if (content.isTextual()) {
      return content.textValue();
    }
    if (!content.isArray()) {
      throw ChatException.invalid(
          path + ".content", path + ".content must be a text or a list of parts.");
    }
    var text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("type").asText("").equals("text") || !part.path("text").isTextual()) {
        throw ChatException.invalid(
            path + ".content",
            "%s.content has a part of type \"%s\"; only text is supported."
                .formatted(path, part.path("type").asText("")));
      }
      text.append(part.get("text").textValue());
    }
    return text.toString();
  }

  private static List<Object> tools(JsonNode tools) throws ChatException {
    if (tools.isMissingNode() || tools.isNull()) {
      return List.of();
    }
    if (!tools.isArray()) {
      throw ChatException.invalid("tools", "tools must be a list.");
    }
    var list = new ArrayList<Object>();
    for (JsonNode tool : tools) {
      if (!tool.path("function").path("name").isTextual()) {
        throw ChatException.invalid(
            "tools[" + list.size() + "]", "A tool must have a function with a name.");
      }
      list.add(plain(tool));
    }
    return list;
  }

  /** JSON as chat templates read it: texts, Long, Double, Boolean, lists and mappings. */
  static Object plain(JsonNode node) {
    if (node.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      node.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
      return map;
    }
    if (node.isArray()) {
      var list = new ArrayList<Object>();
      node.forEach(element -> list.add(plain(element)));
      return list;
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isIntegralNumber()) {
      return node.longValue();
    }
    if (node.isNumber()) {
      return node.doubleValue();
    }
    return node.isNull() ? null : node.asText();
  }

  private static List<String> stops(JsonNode stop) throws ChatException {
    if (stop.isMissingNode() || stop.isNull()) {
      return List.of();
    }
    var texts = new ArrayList<String>();
    for (JsonNode text : stop.isArray() ? stop : List.of(stop)) {
      if (!text.isTextual() || text.textValue().isEmpty() || texts.size() == MOST_STOPS) {
        throw ChatException.invalid(
            "stop", "stop must be a text or a list of at most " + MOST_STOPS + " texts.");
      }
      texts.add(text.textValue());
    }
    return texts;
  }

  private static OptionalLong seed(JsonNode seed) throws ChatException {
    if (seed.isMissingNode() || seed.isNull()) {
      return OptionalLong.empty();
    }
    if (!seed.canConvertToLong() || !seed.isIntegralNumber()) {
      throw ChatException.invalid("seed", "seed must be a whole number.");
    }
    return OptionalLong.of(seed.longValue());
  }

  private static OptionalInt whole(JsonNode root, String key, int least, int most)
      throws ChatException {
    JsonNode value = root.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return OptionalInt.empty();
    }
    if (!value.isIntegralNumber() || value.longValue() < least || value.longValue() > most) {
      throw ChatException.invalid(
          key, "%s must be a whole number from %d to %d.".formatted(key, least, most));
    }
    return OptionalInt.of(value.intValue());
  }

  private static OptionalDouble decimal(JsonNode root, String key, double least, double most)
      throws ChatException {
    JsonNode value = root.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return OptionalDouble.empty();
    }
    double number = value.doubleValue();
    if (!value.isNumber() || !(least <= number && number <= most)) {
      throw ChatException.invalid(
          key,
          "%s must be a number %s %s."
              .formatted(key, least > 0 ? "above 0 up to" : "from 0 to", most));
    }
    return OptionalDouble.of(number);
  }

  private static boolean flag(JsonNode root, String key) throws ChatException {
    JsonNode value = root.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw ChatException.invalid(key, key + " must be true or false.");
    }
    return value.booleanValue();
  }
}
