package dev.troupe.runtime.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The three special tokens of the built-in tokenizers, and their part of the saved files. */
final class SpecialTokens {
  static final int PAD = 0;
  static final int BOS = 1;
  static final int EOS = 2;

  /** Written forms; the index is the id. */
  static final List<String> WRITTEN = List.of("<pad>", "<s>", "</s>");

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Turns a stretch of text without special tokens into ids. */
  interface PlainEncoder {
    /**
     * @param from where the stretch begins in {@code text}
     * @param to where it ends, exclusive
     */
    IntStream encode(String text, int from, int to);
  }

  private SpecialTokens() {}

  /** Encodes the plain stretches of a text and puts special tokens where they are written in it. */
  static int[] encode(String text, boolean addSpecial, PlainEncoder plain) {
    var tokens = IntStream.builder();
    if (addSpecial) {
      tokens.add(BOS);
    }
    int stretch = 0;
    for (int at = text.indexOf('<'); at >= 0; at = text.indexOf('<', Math.max(at + 1, stretch))) {
      for (int id = 0; id < WRITTEN.size(); id++) {
        if (text.startsWith(WRITTEN.get(id), at)) {
          plain.encode(text, stretch, at).forEach(tokens::add);
          tokens.add(id);
          stretch = at + WRITTEN.get(id).length();
        }
      }
    }
    plain.encode(text, stretch, text.length()).forEach(tokens::add);
    return tokens.build().toArray();
  }

  static void requireNotNegative(int token) {
    if (token < 0) {
      throw new IllegalArgumentException("token = " + token + ": token ids are never negative");
    }
  }

  /**
   * Writes the files of a built-in tokenizer.
   *
   * @param vocabulary written forms of all tokens; the index is the id
   * @param model the model section without its vocabulary
   */
  static void save(
      Path directory,
      List<String> vocabulary,
      ObjectNode model,
      ObjectNode preTokenizer,
      ObjectNode decoder) {
    ObjectNode ids = model.putObject("vocab");
    for (int id = 0; id < vocabulary.size(); id++) {
      ids.put(vocabulary.get(id), id);
    }
    ObjectNode tokenizer = JSON.objectNode().put("version", "1.0");
    tokenizer.putNull("truncation").putNull("padding");
    tokenizer.set("added_tokens", addedTokens());
    tokenizer.putNull("normalizer");
    tokenizer.set("pre_tokenizer", preTokenizer);
    tokenizer.set("post_processor", beginsWithBos());
    tokenizer.set("decoder", decoder);
    tokenizer.set("model", model);
    ObjectNode config =
        JSON.objectNode()
            .put("tokenizer_class", "PreTrainedTokenizerFast")
            .put("bos_token", WRITTEN.get(BOS))
            .put("eos_token", WRITTEN.get(EOS))
            .put("pad_token", WRITTEN.get(PAD))
            .put("clean_up_tokenization_spaces", false);
    TokenizerFiles.of(tokenizer, config).writeTo(directory);
  }

  private static ArrayNode addedTokens() {
    ArrayNode tokens = JSON.arrayNode();
    for (int id = 0; id < WRITTEN.size(); id++) {
      tokens
          .addObject()
          .put("id", id)
          .put("content", WRITTEN.get(id))
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    return tokens;
  }

  private static ObjectNode beginsWithBos() {
    String bos = WRITTEN.get(BOS);
    ObjectNode processor = JSON.objectNode().put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    ArrayNode pair = processor.putArray("pair");
    for (ArrayNode sequence : Arrays.asList(single, pair)) {
      sequence.addObject().putObject("SpecialToken").put("id", bos).put("type_id", 0);
      sequence.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    }
    pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
    ObjectNode token = processor.putObject("special_tokens").putObject(bos).put("id", bos);
    token.putArray("ids").add(BOS);
    token.putArray("tokens").add(bos);
    return processor;
  }
}
