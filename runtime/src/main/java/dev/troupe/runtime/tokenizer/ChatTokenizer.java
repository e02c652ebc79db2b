package dev.troupe.runtime.tokenizer;

import dev.troupe.runtime.tokenizer.ChatTemplate.Message;
import java.nio.file.Path;
import java.util.List;

/**
 * A model's tokenizer for which a text with special tokens is a conversation: what a user says,
 * written down by the model's {@link ChatTemplate} up to where the answer begins. A text without
 * special tokens, such as the answer, stays as it is.
 */
public final class ChatTokenizer implements Tokenizer {
  private final Tokenizer tokenizer;
  private final ChatTemplate template;

  /**
   * @param tokenizer belongs to this object from now on
   * @param template of the same model
   */
  public ChatTokenizer(Tokenizer tokenizer, ChatTemplate template) {
    this.tokenizer = tokenizer;
    this.template = template;
  }

  /**
   * The tokenizer and template of a model directory.
   *
   * @throws TokenizerException if one of them is missing or not understood
   */
  public static ChatTokenizer load(Path directory) {
    ChatTemplate template =
        ChatTemplate.load(directory)
            .orElseThrow(
                () ->
                    new TokenizerException(
                        directory
                            + " has no chat template: neither chat_template.jinja nor chat_template in tokenizer_config.json; use a chat model, or plain prompts."));
    return new ChatTokenizer(HuggingFaceTokenizers.load(directory), template);
  }

  @Override
  public int[] encode(String text, boolean addSpecial) {
    return addSpecial
        ? tokenizer.encode(template.render(List.of(new Message("user", text)), true))
        : tokenizer.encode(text);
  }

  @Override
  public String decode(int[] tokens) {
    return tokenizer.decode(tokens);
  }

  @Override
  public String decodeContinuation(int[] tokens) {
    return tokenizer.decodeContinuation(tokens);
  }

  @Override
  public byte[] bytes(int token) {
    return tokenizer.bytes(token);
  }

  @Override
  public int vocabSize() {
    return tokenizer.vocabSize();
  }

  @Override
  public int bosToken() {
    return tokenizer.bosToken();
  }

  @Override
  public int eosToken() {
    return tokenizer.eosToken();
  }

  @Override
  public int padToken() {
    return tokenizer.padToken();
  }

  @Override
  public ConversationWriter conversation() {
    return ConversationWriter.of(tokenizer, template);
  }

  @Override
  public void save(Path directory) {
    tokenizer.save(directory);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
