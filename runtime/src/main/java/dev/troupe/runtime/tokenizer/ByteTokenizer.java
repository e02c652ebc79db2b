package dev.troupe.runtime.tokenizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One token for each byte of the text's UTF-8 form: nothing to learn, every text can be written.
 * The ids are {@code <pad>} 0, {@code <s>} 1, {@code </s>} 2 and 3 + b for the byte b.
 */
public final class ByteTokenizer implements BuiltInTokenizer {
  private static final int SPECIALS = SpecialTokens.WRITTEN.size();
  private static final int VOCABULARY = SPECIALS + 256;

  @Override
  public int[] encode(String text, boolean addSpecial) {
    return SpecialTokens.encode(text, addSpecial, ByteTokenizer::plain);
  }

  private static IntStream plain(String text, int from, int to) {
    byte[] bytes = WellFormed.text(text.substring(from, to)).getBytes(StandardCharsets.UTF_8);
    return IntStream.range(0, bytes.length).map(i -> SPECIALS + (bytes[i] & 0xFF));
  }

  @Override
  public byte[] bytes(int token) {
    SpecialTokens.requireNotNegative(token);
    boolean isByte = token >= SPECIALS && token < VOCABULARY;
    return isByte ? new byte[] {(byte) (token - SPECIALS)} : new byte[0];
  }

  @Override
  public int vocabSize() {
    return VOCABULARY;
  }

  /** Writes a byte-level pair encoding without merges, which is the same map. */
  @Override
  public void save(Path directory) {
    List<String> vocabulary = new ArrayList<>(SpecialTokens.WRITTEN);
    IntStream.range(0, 256).mapToObj(ByteAlphabet::character).forEach(vocabulary::add);
    JsonNodeFactory json = JsonNodeFactory.instance;
    ObjectNode model = json.objectNode().put("type", "BPE");
    for (String unset :
        Arrays.asList("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
      model.putNull(unset);
    }
    model.put("fuse_unk", false).put("byte_fallback", false).putArray("merges");
    ObjectNode byteLevel =
        json.objectNode()
            .put("type", "ByteLevel")
            .put("add_prefix_space", false)
            .put("trim_offsets", false)
            .put("use_regex", false);
    SpecialTokens.save(directory, vocabulary, model, byteLevel, byteLevel.deepCopy());
  }
}
