package dev.troupe.actors.stage;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.tokenizer.ConversationWriter;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A text that grows by turns, as tokens. What the policy said is appended as it was sampled, and
 * what it hears is written behind; nothing that is there is ever encoded again. Plain state of one
 * thread.
 */
public final class Dialogue {
  private static final int FIRST_ROOM = 256;

  private final ConversationWriter writer;
  private final String role;
  private final List<Map<String, Object>> messages = new ArrayList<>();
  private int[] tokens;
  private int length;
  private int ending = Tokenizer.NONE;

  /**
   * Begins with the prompt of an example.
   *
   * @param role who says what is heard, for chat templates
   */
  public Dialogue(PromptTokens prompts, String role, Example example) {
    this.writer = prompts.tokenizer().conversation();
    this.role = role;
    this.tokens = new int[FIRST_ROOM];
    messages.add(ConversationWriter.message("user", example.prompt()));
    append(prompts.prompt(example));
  }

  /**
   * Appends a turn of the policy.
   *
   * @param text what it said, without what ended the turn
   * @param sampled its tokens, as they were sampled
   * @param isEnded whether the last of them says that the turn is over
   */
  public void say(String text, int[] sampled, boolean isEnded) {
    messages.add(ConversationWriter.message("assistant", text));
    append(sampled);
    ending = isEnded ? sampled[sampled.length - 1] : Tokenizer.NONE;
  }

  /**
   * Appends what follows the policy's turn: the answer, and whatever opens the next turn.
   *
   * @return the tokens that were appended
   */
  public int[] hear(String answer) {
    messages.add(ConversationWriter.message(role, answer));
    int[] heard = writer.since(messages, messages.size() - 2, Map.of(), ending);
    append(heard);
    return heard;
  }

  private void append(int[] more) {
    if (length + more.length > tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, length + more.length));
    }
    System.arraycopy(more, 0, tokens, length, more.length);
    length += more.length;
  }

  /** All tokens so far; a fresh array. */
  public int[] tokens() {
    return Arrays.copyOf(tokens, length);
  }

  /** How many tokens there are. */
  public int length() {
    return length;
  }
}
