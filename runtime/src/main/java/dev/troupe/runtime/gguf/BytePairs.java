package dev.troupe.runtime.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.runtime.gguf.GgufVocabulary.Refusal;
import java.util.List;

/**
 * A byte-level pair encoding, llama.cpp's "gpt2". How a text is cut into words before merging is
 * code there, chosen by a name; the three whose code does what the file says are GPT-2's, Llama 3's
 * and Qwen2's. Composing characters (NFC), which Qwen2's tokenizer does first, llama.cpp leaves to
 * its callers for every model.
 */
final class BytePairs {
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?";
  private static final String REST =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String LLAMA_3 = CONTRACTIONS + "\\p{L}+|\\p{N}{1,3}" + REST;
  private static final String QWEN_2 = CONTRACTIONS + "\\p{L}+|\\p{N}" + REST;

  private final JsonNode root;
  private final Refusal refusal;

  BytePairs(JsonNode root, Refusal refusal) {
    this.root = root;
    this.refusal = refusal;
  }

  /** Puts the tokens and merges. */
  void describe(GgufMetadata metadata, List<String> texts) {
    JsonNode model = root.path("model");
    GgufVocabulary.requirePlainMerges(model, refusal);
    JsonNode normalizer = root.path("normalizer");
    if (normalizer.isObject() && !normalizer.path("type").asText().equals("NFC")) {
      throw refusal.of("the normalizer " + normalizer);
    }
    List<String> merges =
        GgufVocabulary.merges(model).stream()
            .map(merge -> merge.getKey() + " " + merge.getValue())
            .toList();
    String words = words(merges.isEmpty());
    if (model.path("ignore_merges").asBoolean() && !words.equals("llama-bpe")) {
      throw refusal.of("ignore_merges with another way of cutting words than Llama 3's");
    }
    metadata.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", words);
    metadata.texts("tokenizer.ggml.tokens", texts).texts("tokenizer.ggml.merges", merges);
  }

  /** Llama.cpp's name for how texts are cut into words. */
  private String words(boolean isUnmerged) {
    JsonNode splitter = root.path("pre_tokenizer");
    JsonNode bytes = splitter;
    String pattern = "";
    if (splitter.path("type").asText().equals("Sequence")) {
      JsonNode parts = splitter.path("pretokenizers");
      JsonNode split = parts.path(0);
      bytes = parts.path(1);
      boolean isolates =
          split.path("type").asText().equals("Split")
              && split.path("behavior").asText().equals("Isolated")
              && !split.path("invert").asBoolean();
      pattern = isolates && parts.size() == 2 ? split.path("pattern").path("Regex").asText() : "?";
    }
    boolean isPlain =
        bytes.path("type").asText().equals("ByteLevel")
            && !bytes.path("add_prefix_space").asBoolean(true);
    boolean cutsLikeGpt2 = bytes.path("use_regex").asBoolean(true);
    if (isPlain && pattern.isEmpty() && (cutsLikeGpt2 || isUnmerged)) {
      return "gpt-2"; // Without merges it does not matter where words end.
    }
    if (isPlain && !cutsLikeGpt2 && pattern.equals(LLAMA_3)) {
      return "llama-bpe";
    }
    if (isPlain && !cutsLikeGpt2 && pattern.equals(QWEN_2)) {
      return "qwen2";
    }
    throw refusal.of("the pre-tokenizer " + splitter);
  }
}
