package dev.troupe.runtime.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.checkpoint.CheckpointException;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.tokenizer.ChatTemplate;
import dev.troupe.runtime.tokenizer.HuggingFaceTokenizers;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tokenizer of a model directory in llama.cpp's words. Of its kinds two can be expressed: pairs
 * of bytes merged by rank ("gpt2"), see {@link BytePairs}, and pieces merged by score with a
 * fallback to bytes ("llama"), see {@link ScoredPieces}.
 */
final class GgufVocabulary {
  /** Kinds of tokens, the numbers of {@code llama_token_type}. */
  static final int NORMAL = 1;

  static final int UNKNOWN = 2;
  static final int CONTROL = 3;
  static final int USER_DEFINED = 4;
  static final int UNUSED = 5;
  static final int BYTE = 6;

  /** Where llama.cpp looks for tokens that end a text. */
  private static final List<String> END_KEYS =
      List.of(
          "tokenizer.ggml.eos_token_id",
          "tokenizer.ggml.eot_token_id",
          "tokenizer.ggml.eom_token_id");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final DecoderConfig config;
  private final JsonNode root;

  /**
   * @param directory of the model, with its {@code tokenizer.json}
   */
  GgufVocabulary(Path directory, DecoderConfig config) {
    this.directory = directory;
    this.config = config;
    this.root = read("tokenizer.json");
  }

  /**
   * Puts the tokenizer.
   *
   * @throws CheckpointException if llama.cpp would read texts differently
   */
  void describe(GgufMetadata metadata) {
    List<String> texts = texts();
    List<Integer> kinds = kinds(texts);
    JsonNode model = root.path("model");
    if (isBytePairs()) {
      new BytePairs(root, this::refusal).describe(metadata, texts);
    } else if (isScoredPieces() || isCharacters()) {
      new ScoredPieces(root, this::refusal).describe(metadata, texts, kinds);
    } else {
      throw refusal(
          "a tokenizer of type " + model.path("type").asText("none") + " with such parts");
    }
    metadata.codes("tokenizer.ggml.token_type", kinds);
    try (Tokenizer tokenizer = HuggingFaceTokenizers.load(directory)) {
      describeSpecials(metadata, tokenizer);
    }
    ChatTemplate.source(directory)
        .ifPresent(template -> metadata.text("tokenizer.chat_template", template));
  }

  private boolean isBytePairs() {
    return root.path("model").path("type").asText().equals("BPE")
        && root.path("decoder").path("type").asText().equals("ByteLevel");
  }

  private boolean isScoredPieces() {
    return root.path("model").path("type").asText().equals("BPE")
        && root.path("model").path("byte_fallback").asBoolean();
  }

  /** One token for each character: pieces that nothing merges. */
  private boolean isCharacters() {
    JsonNode split = root.path("pre_tokenizer");
    return root.path("model").path("type").asText().equals("WordLevel")
        && split.path("type").asText().equals("Split")
        && split.path("pattern").path("Regex").asText().equals("[\\s\\S]")
        && split.path("behavior").asText().equals("Isolated")
        && root.path("decoder").path("type").asText().equals("Fuse");
  }

  /** Written forms by id; what the embedding has beyond the vocabulary gets a name of its own. */
  private List<String> texts() {
    String[] texts = new String[config.vocabSize()];
    root.path("model")
        .path("vocab")
        .properties()
        .forEach(token -> place(texts, token.getValue().asInt(), token.getKey()));
    for (JsonNode token : root.path("added_tokens")) {
      if (token.path("lstrip").asBoolean()
          || token.path("rstrip").asBoolean()
          || token.path("single_word").asBoolean()) {
        throw refusal("the token " + token.path("content") + ", which takes in spaces beside it");
      }
      place(texts, token.path("id").asInt(), token.path("content").asText());
    }
    Set<String> distinct = new LinkedHashSet<>();
    for (int id = 0; id < texts.length; id++) {
      texts[id] = texts[id] == null ? "[PAD" + id + "]" : texts[id];
      if (!distinct.add(texts[id])) {
        throw refusal("two tokens that are both written \"" + texts[id] + "\"");
      }
    }
    return new ArrayList<>(distinct);
  }

  private void place(String[] texts, int id, String text) {
    if (id >= texts.length) {
      throw new CheckpointException(
          "%s: the token \"%s\" has the id %d, and the model's embedding only %d rows; use the tokenizer that belongs to the model"
              .formatted(directory, text, id, texts.length));
    }
    texts[id] = text;
  }

  private List<Integer> kinds(List<String> texts) {
    var kinds = new ArrayList<Integer>();
    Set<Integer> used = new LinkedHashSet<>();
    root.path("model").path("vocab").forEach(id -> used.add(id.asInt()));
    for (int id = 0; id < texts.size(); id++) {
      kinds.add(used.contains(id) ? NORMAL : UNUSED);
    }
    for (JsonNode token : root.path("added_tokens")) {
      int id = token.path("id").asInt();
      kinds.set(id, token.path("special").asBoolean() ? CONTROL : USER_DEFINED);
    }
    return kinds;
  }

  private void describeSpecials(GgufMetadata metadata, Tokenizer tokenizer) {
    int bos = tokenizer.bosToken();
    int eos = tokenizer.eosToken();
    Set<Integer> ends = new LinkedHashSet<>();
    if (eos != Tokenizer.NONE) {
      ends.add(eos);
    }
    ends.addAll(config.eosTokens());
    if (ends.isEmpty() || ends.size() > END_KEYS.size()) {
      throw refusal(ends.size() + " tokens that end a text; it knows 1 to " + END_KEYS.size());
    }
    int place = 0;
    for (int end : ends) {
      metadata.count(END_KEYS.get(place++), end);
    }
    if (bos != Tokenizer.NONE) {
      metadata.count("tokenizer.ggml.bos_token_id", bos);
    }
    if (tokenizer.padToken() != Tokenizer.NONE) {
      metadata.count("tokenizer.ggml.padding_token_id", tokenizer.padToken());
    }
    int[] around = tokenizer.encode("", true);
    boolean begins = around.length > 0 && around[0] == bos;
    int behind = around.length - (begins ? 1 : 0);
    if (behind > 1 || behind == 1 && around[around.length - 1] != eos) {
      throw refusal("a post-processor that adds other tokens than those that begin and end a text");
    }
    metadata.flag("tokenizer.ggml.add_bos_token", begins);
    metadata.flag("tokenizer.ggml.add_eos_token", behind == 1);
  }

  private JsonNode read(String name) {
    Path file = directory.resolve(name);
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new CheckpointException(
          "cannot read " + file + ", which the export needs: " + e.getMessage(), e);
    }
  }

  private CheckpointException refusal(String part) {
    return new CheckpointException(
        "%s: GGUF cannot express %s; export the model with --format hugging-face instead."
            .formatted(directory.resolve("tokenizer.json"), part));
  }

  /** Makes the exception that says what cannot be expressed. */
  @FunctionalInterface
  interface Refusal {
    CheckpointException of(String part);
  }

  /** Both parts of each merge, in the order of their rank; written as a pair or in one text. */
  static List<Map.Entry<String, String>> merges(JsonNode model) {
    var merges = new ArrayList<Map.Entry<String, String>>();
    for (JsonNode merge : model.path("merges")) {
      if (merge.isArray()) {
        merges.add(Map.entry(merge.path(0).asText(), merge.path(1).asText()));
      } else {
        String text = merge.asText();
        int space = text.indexOf(' ', 1);
        merges.add(Map.entry(text.substring(0, space), text.substring(space + 1)));
      }
    }
    return merges;
  }

  /** Refuses settings of the pair encoding that change what merges mean. */
  static void requirePlainMerges(JsonNode model, Refusal refusal) {
    for (String key : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
      JsonNode value = model.path(key);
      if (!value.isMissingNode() && !value.isNull() && !value.asText().isEmpty()) {
        throw refusal.of("a pair encoding with " + key + " = " + value);
      }
    }
  }
}
