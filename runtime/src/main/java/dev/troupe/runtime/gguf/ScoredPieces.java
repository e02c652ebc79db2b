package dev.troupe.runtime.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.runtime.gguf.GgufVocabulary.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Pieces in the manner of SentencePiece, llama.cpp's "llama": it joins the neighbours whose joint
 * piece has the highest score, where the Hugging Face library joins those of the lowest rank. The
 * two agree where every pair that makes up a piece is a merge and the merges of one piece follow
 * each other, which is what converters of SentencePiece models write; anything else is refused.
 * Characters without merges are the simplest case.
 *
 * <p>A space in front of a text is put by llama.cpp also behind each special token.
 */
final class ScoredPieces {
  private static final String SPACE = "▁";
  private static final Pattern BYTE_PIECE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");
  private static final int BYTES = 256;

  private final JsonNode root;
  private final JsonNode model;
  private final Refusal refusal;
  private final boolean isCharacters;

  ScoredPieces(JsonNode root, Refusal refusal) {
    this.root = root;
    this.model = root.path("model");
    this.refusal = refusal;
    this.isCharacters = model.path("type").asText().equals("WordLevel");
  }

  /**
   * Puts the pieces and their scores.
   *
   * @param kinds of the tokens; those of bytes and of the unknown token are set here
   */
  void describe(GgufMetadata metadata, List<String> texts, List<Integer> kinds) {
    List<String> pieces = isCharacters ? characters(texts, kinds) : texts;
    boolean hasSpaceInFront = !isCharacters && hasSpaceInFront(pieces);
    List<Float> scores = scores(pieces);
    mark(pieces, kinds);
    metadata.text("tokenizer.ggml.model", "llama").text("tokenizer.ggml.pre", "default");
    metadata.texts("tokenizer.ggml.tokens", pieces).numbers("tokenizer.ggml.scores", scores);
    metadata.flag("tokenizer.ggml.add_space_prefix", hasSpaceInFront);
    int unknown = pieces.indexOf(model.path("unk_token").asText());
    if (unknown >= 0) {
      metadata.count("tokenizer.ggml.unknown_token_id", unknown);
    }
  }

  /** Llama.cpp writes every space as U+2581 before it looks for pieces. */
  private List<String> characters(List<String> texts, List<Integer> kinds) {
    if (texts.contains(SPACE)) {
      throw refusal.of("an alphabet with the character U+2581, which stands for the space there");
    }
    var pieces = new ArrayList<String>();
    for (int id = 0; id < texts.size(); id++) {
      String text = texts.get(id);
      boolean isNormal = kinds.get(id) == GgufVocabulary.NORMAL;
      if (isNormal && text.codePointCount(0, text.length()) != 1) {
        throw refusal.of("a vocabulary of words, such as \"" + text + "\"");
      }
      pieces.add(text.equals(" ") ? SPACE : text);
    }
    return pieces;
  }

  /** Whether a space is put in front of a text. */
  private boolean hasSpaceInFront(List<String> pieces) {
    JsonNode normalizer = root.path("normalizer");
    JsonNode splitter = root.path("pre_tokenizer");
    List<JsonNode> steps = new ArrayList<>();
    if (normalizer.path("type").asText().equals("Sequence")) {
      normalizer.path("normalizers").forEach(steps::add);
    } else if (normalizer.isObject()) {
      steps.add(normalizer);
    }
    boolean prepends = false;
    boolean replaces = false;
    for (JsonNode step : steps) {
      boolean isPrepend =
          step.path("type").asText().equals("Prepend")
              && step.path("prepend").asText().equals(SPACE);
      boolean isReplace =
          step.path("type").asText().equals("Replace")
              && step.path("pattern").path("String").asText().equals(" ")
              && step.path("content").asText().equals(SPACE);
      if (!isPrepend && !isReplace) {
        throw refusal.of("the normalizer " + step);
      }
      prepends |= isPrepend;
      replaces |= isReplace;
    }
    if (splitter.path("type").asText().equals("Metaspace")) {
      requireWordsApart(splitter, pieces);
      String scheme = splitter.path("prepend_scheme").asText("always");
      return prepends || !scheme.equals("never");
    }
    if (splitter.isObject() || !replaces) {
      throw refusal.of(
          splitter.isObject()
              ? "the pre-tokenizer " + splitter
              : "pieces with spaces that are not written U+2581");
    }
    return prepends;
  }

  /** A splitter between words keeps pieces from reaching over a space; llama.cpp has none. */
  private void requireWordsApart(JsonNode metaspace, List<String> pieces) {
    boolean splits = metaspace.path("split").asBoolean(true);
    if (!metaspace.path("replacement").asText().equals(SPACE)
        || splits && pieces.stream().anyMatch(piece -> piece.indexOf(SPACE, 1) > 0)) {
      throw refusal.of("the pre-tokenizer " + metaspace);
    }
  }

  /** The negative rank of the first merge that makes a piece; 0 for those that nothing makes. */
  private List<Float> scores(List<String> pieces) {
    GgufVocabulary.requirePlainMerges(model, refusal);
    if (model.path("ignore_merges").asBoolean()) {
      throw refusal.of("a pair encoding with ignore_merges");
    }
    Map<String, Integer> rankOf = new LinkedHashMap<>();
    Map<String, Set<Integer>> places = new HashMap<>();
    int rank = 0;
    String previous = "";
    for (Map.Entry<String, String> merge : GgufVocabulary.merges(model)) {
      String whole = merge.getKey() + merge.getValue();
      if (rankOf.containsKey(whole) && !whole.equals(previous)) {
        throw refusal.of("merges of \"" + whole + "\" at more than one rank");
      }
      rankOf.putIfAbsent(whole, rank++);
      places.computeIfAbsent(whole, it -> new HashSet<>()).add(merge.getKey().length());
      previous = whole;
    }
    requireEveryMerge(pieces, places);
    var scores = new ArrayList<Float>();
    for (String piece : pieces) {
      scores.add((float) -rankOf.getOrDefault(piece, 0));
    }
    return scores;
  }

  private void requireEveryMerge(List<String> pieces, Map<String, Set<Integer>> places) {
    Set<String> known = new HashSet<>(pieces);
    for (String piece : pieces) {
      for (int at = 1; at < piece.length(); at++) {
        if (known.contains(piece.substring(0, at))
            && known.contains(piece.substring(at))
            && !places.getOrDefault(piece, Set.of()).contains(at)) {
          throw refusal.of(
              "\"%s\" and \"%s\", which are tokens together but are never merged"
                  .formatted(piece.substring(0, at), piece.substring(at)));
        }
      }
    }
  }

  private void mark(List<String> pieces, List<Integer> kinds) {
    int bytes = 0;
    for (int id = 0; id < pieces.size(); id++) {
      boolean isByte =
          kinds.get(id) == GgufVocabulary.NORMAL && BYTE_PIECE.matcher(pieces.get(id)).matches();
      if (isByte && !isCharacters) {
        kinds.set(id, GgufVocabulary.BYTE);
        bytes++;
      } else if (pieces.get(id).equals(model.path("unk_token").asText())) {
        kinds.set(id, GgufVocabulary.UNKNOWN);
      }
    }
    if (!isCharacters && bytes != BYTES) {
      throw refusal.of("a fallback to bytes with " + bytes + " of the 256 bytes");
    }
  }
}
