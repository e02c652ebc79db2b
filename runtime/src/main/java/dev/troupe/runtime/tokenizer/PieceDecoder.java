package dev.troupe.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The {@code decoder} section of a {@code tokenizer.json}, applied to single tokens: every kind
 * understood here maps a token to bytes regardless of its neighbours, except for spaces at the very
 * start of a text.
 */
final class PieceDecoder {
  private static final int BYTE_TOKEN_LENGTH = "<0x00>".length();

  private record Replacement(String pattern, String content) {}

  private final List<Replacement> replacements = new ArrayList<>();
  private boolean byteLevel;
  private boolean byteFallback;
  private boolean joined;
  private String leading = "";
  private int leadingCount;

  private PieceDecoder() {}

  /**
   * @param file where the JSON came from, for messages
   * @throws TokenizerException if the decoder is of a kind that is not understood
   */
  static PieceDecoder parse(JsonNode decoder, Path file) {
    var pieces = new PieceDecoder();
    boolean isSequence = decoder.path("type").asText().equals("Sequence");
    Iterable<JsonNode> steps = isSequence ? decoder.path("decoders") : List.of(decoder);
    for (JsonNode step : steps) {
      if (!pieces.accept(step)) {
        throw new TokenizerException(
            ("%s: the decoder step %s is not supported; supported are ByteLevel, and sequences of"
                    + " Replace, ByteFallback, Fuse and a Strip at the start of the text.")
                .formatted(file, step.isMissingNode() ? "null" : step));
      }
    }
    if (!pieces.joined) {
      throw new TokenizerException(
          file + ": the decoder joins tokens with spaces (no ByteLevel or Fuse): not supported.");
    }
    return pieces;
  }

  private boolean accept(JsonNode step) {
    switch (step.path("type").asText()) {
      case "ByteLevel" -> {
        byteLevel = true;
        joined = true;
        return replacements.isEmpty() && !byteFallback;
      }
      case "ByteFallback" -> {
        byteFallback = true;
        return !joined;
      }
      case "Fuse" -> {
        joined = true;
        return true;
      }
      case "Replace" -> {
        JsonNode pattern = step.path("pattern").path("String");
        replacements.add(new Replacement(pattern.asText(), step.path("content").asText()));
        return pattern.isTextual() && !joined && !byteFallback;
      }
      case "Strip" -> {
        leading = step.path("content").asText();
        leadingCount = step.path("start").asInt();
        return joined && step.path("stop").asInt() == 0 && leading.length() == 1;
      }
      default -> {
        return false;
      }
    }
  }

  byte[] bytes(String token) {
    if (byteLevel) {
      return ByteAlphabet.bytes(token);
    }
    if (byteFallback && isByteToken(token)) {
      return new byte[] {(byte) HexFormat.fromHexDigits(token, 3, BYTE_TOKEN_LENGTH - 1)};
    }
    String text = token;
    for (Replacement replacement : replacements) {
      text = text.replace(replacement.pattern(), replacement.content());
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isByteToken(String token) {
    return token.length() == BYTE_TOKEN_LENGTH
        && token.startsWith("<0x")
        && token.endsWith(">")
        && HexFormat.isHexDigit(token.charAt(3))
        && HexFormat.isHexDigit(token.charAt(4));
  }

  String withoutLeading(String text) {
    String rest = text;
    for (int i = 0; i < leadingCount && rest.startsWith(leading); i++) {
      rest = rest.substring(leading.length());
    }
    return rest;
  }
}
