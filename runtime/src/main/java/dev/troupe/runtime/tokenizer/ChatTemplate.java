package dev.troupe.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.template.Template;
import dev.troupe.runtime.template.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a model wants a conversation to be written: the Jinja template of its {@code
 * chat_template.jinja} or {@code tokenizer_config.json}, rendered as transformers does it. The text
 * holds the model's special tokens in writing, the one that begins a text among them where the
 * template puts it, so it is encoded without adding any.
 */
public final class ChatTemplate {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SPECIAL = List.of("bos", "eos", "pad", "unk");

  private final Template template;
  private final Map<String, Object> constants;
  private final Clock clock;

  private ChatTemplate(Template template, Map<String, Object> constants, Clock clock) {
    this.template = template;
    this.constants = constants;
    this.clock = clock;
  }

  /**
   * One turn of a conversation.
   *
   * @param role such as {@code system}, {@code user} or {@code assistant}
   * @param content what was said
   */
  public record Message(String role, String content) {}

  /**
   * A template with the written forms of special tokens.
   *
   * @param source in Jinja
   * @param tokens such as {@code bos_token} and {@code eos_token} with their written forms
   * @param clock of templates that write today's date
   * @throws TokenizerException naming the line and what is wrong or not known there
   */
  public static ChatTemplate of(String source, Map<String, String> tokens, Clock clock) {
    try {
      return new ChatTemplate(Template.parse(source), new LinkedHashMap<>(tokens), clock);
    } catch (TemplateException e) {
      throw new TokenizerException(e.getMessage(), e);
    }
  }

  /**
   * The template of a model directory.
   *
   * @return empty if the model has none
   * @throws TokenizerException if a file cannot be read or the template is not understood
   */
  public static Optional<ChatTemplate> load(Path directory) {
    JsonNode config = json(directory.resolve(TokenizerFiles.TOKENIZER_CONFIG));
    JsonNode special = json(directory.resolve(TokenizerFiles.SPECIAL_TOKENS));
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String role : SPECIAL) {
      String key = role + "_token";
      JsonNode named = config.hasNonNull(key) ? config.path(key) : special.path(key);
      String written = named.path("content").asText(named.asText(""));
      if (!written.isEmpty()) {
        tokens.put(key, written);
      }
    }
    return source(directory).map(source -> of(source, tokens, Clock.systemDefaultZone()));
  }

  /**
   * The template of a model directory as it is written, whether it is understood here or not.
   *
   * @return empty if the model has none
   * @throws TokenizerException if a file cannot be read
   */
  public static Optional<String> source(Path directory) {
    Path file = directory.resolve("chat_template.jinja");
    if (Files.isRegularFile(file)) {
      try {
        return Optional.of(Files.readString(file));
      } catch (IOException e) {
        throw new TokenizerException("The chat template " + file + " cannot be read: " + e, e);
      }
    }
    JsonNode written =
        json(directory.resolve(TokenizerFiles.TOKENIZER_CONFIG)).path("chat_template");
    if (written.isArray()) { // Several by name; the one called default is for plain chats.
      for (JsonNode named : written) {
        if (named.path("name").asText().equals("default")) {
          return Optional.of(named.path("template").asText());
        }
      }
    }
    return written.isTextual() ? Optional.of(written.asText()) : Optional.empty();
  }

  private static JsonNode json(Path file) {
    if (!Files.isRegularFile(file)) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new TokenizerException(file + " is not valid JSON: " + e.getMessage(), e);
    }
  }

  /**
   * The text of a conversation.
   *
   * @param addGenerationPrompt whether it ends with what begins an answer
   * @throws TokenizerException if the template refuses the messages, with its own words
   */
  public String render(List<Message> messages, boolean addGenerationPrompt) {
    return render(messages, addGenerationPrompt, Map.of());
  }

  /**
   * The text of a conversation.
   *
   * @param addGenerationPrompt whether it ends with what begins an answer
   * @param variables more that the template asks for, such as {@code enable_thinking} or {@code
   *     tools}: texts, Long, Double, Boolean, lists and mappings of these
   * @throws TokenizerException if the template refuses the messages, with its own words
   */
  public String render(
      List<Message> messages, boolean addGenerationPrompt, Map<String, Object> variables) {
    var turns = new ArrayList<Map<String, Object>>();
    for (Message message : messages) {
      turns.add(ConversationWriter.message(message.role(), message.content()));
    }
    return renderMessages(turns, addGenerationPrompt, variables);
  }

  /**
   * The text of a conversation whose messages are mappings, for templates that read more of them
   * than role and content, such as {@code tool_calls}.
   *
   * @param addGenerationPrompt whether it ends with what begins an answer
   * @param variables as for {@link #render(List, boolean, Map)}
   * @throws TokenizerException if the template refuses the messages, with its own words
   */
  public String renderMessages(
      List<Map<String, Object>> turns, boolean addGenerationPrompt, Map<String, Object> variables) {
    Map<String, Object> values = new LinkedHashMap<>(constants);
    values.put("messages", List.copyOf(turns));
    values.put("add_generation_prompt", addGenerationPrompt);
    values.put("tools", null); // transformers passes both, so templates ask for none, not defined
    values.put("documents", null);
    values.putAll(variables);
    try {
      return template.render(values, clock);
    } catch (TemplateException e) {
      throw new TokenizerException(e.getMessage(), e);
    }
  }
}
