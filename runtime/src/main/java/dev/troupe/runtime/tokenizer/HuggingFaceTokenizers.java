package dev.troupe.runtime.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Loads tokenizers in the Hugging Face fast format. */
public final class HuggingFaceTokenizers {
  /** Nothing may shorten or fill up a text: by default the library cuts at 512 tokens. */
  private static final Map<String, String> OPTIONS =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  private HuggingFaceTokenizers() {}

  /**
   * Loads the tokenizer of a model directory from its {@code tokenizer.json}.
   *
   * <p>The beginning, end and padding tokens are those named in {@code tokenizer_config.json} or
   * {@code special_tokens_map.json}, else those numbered in {@code config.json}. Encoding is done
   * by the Hugging Face library, decoding here, byte by byte, so that a text does not change as it
   * grows. Two kinds of decoders are understood, byte-level ones (GPT-2, Qwen, Llama 3) and those
   * of SentencePiece with byte fallback (Llama, TinyLlama, Mistral).
   *
   * <p>The result holds native memory until it is closed by its owner; using it afterwards is an
   * {@link IllegalStateException}. It may be used by several threads at once, and closed meanwhile.
   * Its {@link Tokenizer#save save} writes the bytes of the files as they were when loaded.
   *
   * @throws TokenizerException if a file is missing, unreadable or of an unknown kind
   */
  public static Tokenizer load(Path directory) {
    TokenizerFiles files = TokenizerFiles.read(directory);
    Path file = directory.resolve(TokenizerFiles.TOKENIZER);
    Vocabulary vocabulary = Vocabulary.parse(files.json(TokenizerFiles.TOKENIZER), file);
    JsonNode modelConfig = files.modelConfig();
    int bos = specialToken("bos", files, vocabulary, modelConfig);
    int eos = specialToken("eos", files, vocabulary, modelConfig);
    int pad = specialToken("pad", files, vocabulary, modelConfig);
    return new LoadedTokenizer(files, vocabulary, encoder(files, file), bos, eos, pad);
  }

  private static HuggingFaceTokenizer encoder(TokenizerFiles files, Path file) {
    try (var json = new ByteArrayInputStream(files.tokenizer())) {
      return HuggingFaceTokenizer.newInstance(json, OPTIONS);
    } catch (IOException | RuntimeException e) {
      throw new TokenizerException(
          file + " is not accepted by the Hugging Face library: " + e.getMessage(), e);
    }
  }

  private static int specialToken(
      String role, TokenizerFiles files, Vocabulary vocabulary, JsonNode modelConfig) {
    for (String name : List.of(TokenizerFiles.TOKENIZER_CONFIG, TokenizerFiles.SPECIAL_TOKENS)) {
      JsonNode named = files.json(name).path(role + "_token");
      String written = named.path("content").asText(named.asText(""));
      if (named.isNull() || written.isEmpty()) {
        continue;
      }
      return vocabulary
          .idOf(written)
          .orElseThrow(
              () ->
                  new TokenizerException(
                      "%s: %s_token = \"%s\" is not a token of %s."
                          .formatted(
                              files.origin().resolve(name),
                              role,
                              written,
                              TokenizerFiles.TOKENIZER)));
    }
    JsonNode numbered = modelConfig.path(role + "_token_id");
    // Models with several end tokens list them; the first is the one that ends a text.
    return (numbered.isArray() ? numbered.path(0) : numbered).asInt(Tokenizer.NONE);
  }
}
