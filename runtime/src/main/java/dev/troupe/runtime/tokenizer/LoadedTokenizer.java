package dev.troupe.runtime.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** A tokenizer read from files: the native library encodes, the {@link Vocabulary} decodes. */
final class LoadedTokenizer implements Tokenizer {
  private final TokenizerFiles files;
  private final Vocabulary vocabulary;
  private final HuggingFaceTokenizer encoder;
  private final int bos;
  private final int eos;
  private final int pad;

  /** Encoding reads, closing writes: the native memory must not go while a text is encoded. */
  private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();

  private boolean closed;

  LoadedTokenizer(
      TokenizerFiles files,
      Vocabulary vocabulary,
      HuggingFaceTokenizer encoder,
      int bos,
      int eos,
      int pad) {
    this.files = files;
    this.vocabulary = vocabulary;
    this.encoder = encoder;
    this.bos = bos;
    this.eos = eos;
    this.pad = pad;
  }

  @Override
  public int[] encode(String text, boolean addSpecial) {
    lifetime.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("The tokenizer of " + files.origin() + " is closed.");
      }
      long[] ids = encoder.encode(WellFormed.text(text), addSpecial, false).getIds();
      return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    } catch (IllegalStateException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new TokenizerException(
          "The tokenizer of %s cannot encode \"%s\": %s"
              .formatted(files.origin(), beginning(text), e.getMessage()),
          e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  private static String beginning(String text) {
    int limit = 60;
    return text.length() <= limit ? text : text.substring(0, limit) + "…";
  }

  @Override
  public String decode(int[] tokens) {
    return vocabulary.withoutLeadingSpace(decodeContinuation(tokens));
  }

  @Override
  public byte[] bytes(int token) {
    SpecialTokens.requireNotNegative(token);
    return vocabulary.bytes(token);
  }

  @Override
  public int vocabSize() {
    return vocabulary.size();
  }

  @Override
  public int bosToken() {
    return bos;
  }

  @Override
  public int eosToken() {
    return eos;
  }

  @Override
  public int padToken() {
    return pad;
  }

  @Override
  public void save(Path directory) {
    files.writeTo(directory);
  }

  @Override
  public void close() {
    lifetime.writeLock().lock();
    try {
      closed = true;
      encoder.close();
    } finally {
      lifetime.writeLock().unlock();
    }
  }
}
