package dev.troupe.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The tokens of a {@code tokenizer.json}: their written forms, and the bytes each one stands for.
 */
final class Vocabulary {
  private static final byte[] NOTHING = {};

  private final Map<String, Integer> idOfToken;
  private final byte[][] bytesOfToken;
  private final PieceDecoder decoder;

  private Vocabulary(Map<String, Integer> idOfToken, byte[][] bytesOfToken, PieceDecoder decoder) {
    this.idOfToken = idOfToken;
    this.bytesOfToken = bytesOfToken;
    this.decoder = decoder;
  }

  /**
   * @param file where the JSON came from, for messages
   * @throws TokenizerException if the vocabulary or the decoder is of an unknown kind
   */
  static Vocabulary parse(JsonNode tokenizer, Path file) {
    Map<String, Integer> ids = modelTokens(tokenizer.path("model").path("vocab"), file);
    JsonNode added = tokenizer.path("added_tokens");
    added.forEach(token -> ids.put(token.path("content").asText(), token.path("id").asInt()));

    PieceDecoder decoder = PieceDecoder.parse(tokenizer.path("decoder"), file);
    int size = 1 + ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1);
    byte[][] bytes = new byte[size][];
    ids.forEach((token, id) -> bytes[id] = decoder.bytes(token));
    for (JsonNode token : added) {
      if (token.path("special").asBoolean()) {
        bytes[token.path("id").asInt()] = NOTHING;
      }
    }
    return new Vocabulary(ids, bytes, decoder);
  }

  /** BPE and WordLevel models map token to id; Unigram models list [token, score] in order. */
  private static Map<String, Integer> modelTokens(JsonNode vocabulary, Path file) {
    var ids = new HashMap<String, Integer>();
    if (vocabulary.isObject()) {
      vocabulary.properties().forEach(e -> ids.put(e.getKey(), e.getValue().asInt()));
    } else if (vocabulary.isArray()) {
      for (int id = 0; id < vocabulary.size(); id++) {
        ids.put(vocabulary.path(id).path(0).asText(), id);
      }
    } else {
      throw new TokenizerException(file + " has no vocabulary: model.vocab is missing.");
    }
    return ids;
  }

  OptionalInt idOf(String token) {
    Integer id = idOfToken.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  byte[] bytes(int token) {
    byte[] bytes = token < bytesOfToken.length ? bytesOfToken[token] : null;
    return bytes == null || bytes.length == 0 ? NOTHING : bytes.clone();
  }

  int size() {
    return bytesOfToken.length;
  }

  /** A text from its start, without the space the tokenizer puts in front of every text. */
  String withoutLeadingSpace(String text) {
    return decoder.withoutLeading(text);
  }
}
