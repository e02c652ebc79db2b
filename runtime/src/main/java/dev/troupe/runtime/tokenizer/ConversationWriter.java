package dev.troupe.runtime.tokenizer;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a conversation as tokens, turn by turn, so that what a model sampled stays as it was
 * sampled: only what is new is rendered and encoded, and appended to the tokens that are there. A
 * text that is decoded and encoded again may become other tokens, which the model never chose.
 *
 * <p>Messages are mappings as in OpenAI's interface, with {@code role}, {@code content} and
 * whatever else the template reads.
 */
public final class ConversationWriter {
  /** For models without a chat template: the messages one after the other. */
  private static final ChatTemplate PLAIN =
      ChatTemplate.of(
          "{% for message in messages %}{{ message.content }}{% endfor %}",
          Map.of(), Clock.systemDefaultZone());

  /** Stands where the model spoke; private-use characters that no template knows. */
  private static final String OWN_TURN = "\uE0F0own-turn\uE0F1";

  private final Tokenizer tokenizer;
  private final ChatTemplate template;
  private final boolean addSpecial;

  private ConversationWriter(Tokenizer tokenizer, ChatTemplate template, boolean addSpecial) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.addSpecial = addSpecial;
  }

  /** Messages one after the other, with what the tokenizer puts in front of every text. */
  static ConversationWriter plain(Tokenizer tokenizer) {
    return new ConversationWriter(tokenizer, PLAIN, true);
  }

  /** Messages as a template writes them, special tokens included. */
  static ConversationWriter of(Tokenizer tokenizer, ChatTemplate template) {
    return new ConversationWriter(tokenizer, template, false);
  }

  /** A message of a role. */
  public static Map<String, Object> message(String role, String content) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }

  /**
   * The tokens of a conversation up to where the model speaks.
   *
   * @param variables more that the template reads, such as {@code tools}
   * @throws TokenizerException if the template refuses the messages
   */
  public int[] open(List<Map<String, Object>> messages, Map<String, Object> variables) {
    return tokenizer.encode(template.renderMessages(messages, true, variables), addSpecial);
  }

  /**
   * The tokens that follow the model's last turn, up to where it speaks again.
   *
   * @param messages the whole conversation as it is now
   * @param own index of the model's last turn in it; its content is not looked at
   * @param variables as for {@link #open}
   * @param ending the token with which the model ended its turn, which is not written again; {@link
   *     Tokenizer#NONE} if it did not end it
   * @throws TokenizerException if the template refuses the messages or leaves out the model's turn
   */
  public int[] since(
      List<Map<String, Object>> messages, int own, Map<String, Object> variables, int ending) {
    var marked = new ArrayList<>(messages);
    marked.set(own, message(String.valueOf(messages.get(own).get("role")), OWN_TURN));
    String text = template.renderMessages(marked, true, variables);
    int at = text.indexOf(OWN_TURN);
    if (at < 0 || text.indexOf(OWN_TURN, at + 1) >= 0) {
      throw new TokenizerException(
          "The chat template writes turn %d of a conversation %s, so no turn can follow it; use a template that writes each turn once."
              .formatted(own + 1, at < 0 ? "not at all" : "more than once"));
    }
    int[] tokens = tokenizer.encode(text.substring(at + OWN_TURN.length()));
    boolean isEnded = tokens.length > 0 && ending != Tokenizer.NONE && tokens[0] == ending;
    return isEnded ? Arrays.copyOfRange(tokens, 1, tokens.length) : tokens;
  }
}
