package dev.troupe.runtime.tokenizer;

import java.nio.file.Path;

/**
 * The map between text and the token ids of one model.
 *
 * <p>Every token stands for a fixed sequence of bytes, and a text is the UTF-8 reading of the bytes
 * of its tokens in order; a character may be spread over several tokens. Bytes that are not valid
 * UTF-8 read as U+FFFD. {@link StreamingText} gives the same text token by token.
 *
 * <p>Implementations are safe for use by several threads at once. Whoever creates or loads a
 * tokenizer owns it and closes it; the built-in ones hold nothing to release.
 */
public interface Tokenizer extends AutoCloseable {

  /** What {@link #bosToken}, {@link #eosToken} and {@link #padToken} return when there is none. */
  int NONE = -1;

  /**
   * The tokens of a text, nothing added in front or behind. The written form of a special token
   * (say {@code </s>}) inside the text becomes that token, as in the Hugging Face library.
   *
   * @throws TokenizerException if the text has a character outside a closed alphabet
   */
  default int[] encode(String text) {
    return encode(text, false);
  }

  /**
   * The tokens of a text.
   *
   * @param addSpecial whether to add what the tokenizer's own post-processor adds to a text,
   *     usually the token that begins a sequence
   * @throws TokenizerException if the text has a character outside a closed alphabet
   */
  int[] encode(String text, boolean addSpecial);

  /**
   * The text of tokens that begin a text: special tokens are left out, and so is the space that
   * some tokenizers put in front of every text.
   *
   * @throws IllegalArgumentException if an id is negative
   */
  String decode(int[] tokens);

  /**
   * The text that tokens add behind a prompt: as {@link #decode}, but a leading space is kept,
   * because there it belongs to the text. The text of a prompt followed by the continuation is the
   * text of both together, unless a character is split between them.
   *
   * @throws IllegalArgumentException if an id is negative
   */
  default String decodeContinuation(int[] tokens) {
    var text = new StreamingText(this);
    for (int token : tokens) {
      text.append(token);
    }
    return text.finish();
  }

  /**
   * The bytes that a token adds to a running text; empty for special tokens and for ids beyond the
   * vocabulary, which a model with padded embeddings can sample.
   *
   * @return a fresh array, or a shared one of length 0
   * @throws IllegalArgumentException if the id is negative
   */
  byte[] bytes(int token);

  /** One more than the largest id; a model's embedding may be padded to more rows than this. */
  int vocabSize();

  /** The token that begins a sequence, or {@link #NONE}. */
  int bosToken();

  /** The token that ends a sequence, or {@link #NONE}. */
  int eosToken();

  /** The token that fills up shorter rows of a batch, or {@link #NONE}. */
  int padToken();

  /** How a conversation is written: by a chat template, or the messages one after the other. */
  default ConversationWriter conversation() {
    return ConversationWriter.plain(this);
  }

  /**
   * Writes {@code tokenizer.json} and {@code tokenizer_config.json} (and what else the tokenizer
   * was loaded from) into a directory, which is created if needed; files of these names are
   * replaced.
   *
   * @throws TokenizerException if a file cannot be written
   */
  void save(Path directory);

  /** Releases what the tokenizer holds outside the heap; a second call does nothing. */
  @Override
  default void close() {}
}
