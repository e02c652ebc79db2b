package dev.troupe.runtime.tokenizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One token for each character of a closed alphabet, for small tasks such as sorting digits. The
 * ids are {@code <pad>} 0, {@code <s>} 1, {@code </s>} 2 and then the alphabet in its own order.
 */
public final class CharacterTokenizer implements BuiltInTokenizer {
  private final String alphabet;
  private final List<String> vocabulary;
  private final Map<Integer, Integer> idOfCharacter = new HashMap<>();

  /**
   * @param alphabet the characters (code points) that texts may have, each once
   * @throws IllegalArgumentException if the alphabet is empty or has a character twice
   */
  public CharacterTokenizer(String alphabet) {
    if (alphabet.isEmpty() || !WellFormed.text(alphabet).equals(alphabet)) {
      throw new IllegalArgumentException(
          "The alphabet of a character tokenizer must be valid text with at least one character.");
    }
    this.alphabet = alphabet;
    List<String> tokens = new ArrayList<>(SpecialTokens.WRITTEN);
    alphabet.codePoints().forEach(character -> add(tokens, character));
    this.vocabulary = Collections.unmodifiableList(tokens);
  }

  private void add(List<String> tokens, int character) {
    if (idOfCharacter.put(character, tokens.size()) != null) {
      throw new IllegalArgumentException(
          "The alphabet \"%s\" has the character %s twice; write each once."
              .formatted(alphabet, name(character)));
    }
    tokens.add(Character.toString(character));
  }

  @Override
  public int[] encode(String text, boolean addSpecial) {
    return SpecialTokens.encode(text, addSpecial, this::plain);
  }

  private IntStream plain(String text, int from, int to) {
    var ids = IntStream.builder();
    for (int i = from; i < to; i += Character.charCount(text.codePointAt(i))) {
      int character = text.codePointAt(i);
      Integer id = idOfCharacter.get(character);
      if (id == null) {
        throw new TokenizerException(
            "The character %s at position %d of the text is not in the alphabet \"%s\"."
                .formatted(name(character), text.codePointCount(0, i), alphabet));
      }
      ids.add(id);
    }
    return ids.build();
  }

  @Override
  public byte[] bytes(int token) {
    SpecialTokens.requireNotNegative(token);
    boolean isCharacter = token >= SpecialTokens.WRITTEN.size() && token < vocabulary.size();
    return isCharacter ? vocabulary.get(token).getBytes(StandardCharsets.UTF_8) : new byte[0];
  }

  @Override
  public int vocabSize() {
    return vocabulary.size();
  }

  /**
   * Writes a word-level vocabulary over single characters. Its unknown token is not in the
   * vocabulary on purpose: the Hugging Face library then refuses a foreign character as this class
   * does, where a pair encoding would drop it without a word.
   */
  @Override
  public void save(Path directory) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    ObjectNode model = json.objectNode().put("type", "WordLevel").put("unk_token", "<unk>");
    ObjectNode eachCharacter = json.objectNode().put("type", "Split");
    eachCharacter.putObject("pattern").put("Regex", "[\\s\\S]");
    eachCharacter.put("behavior", "Isolated").put("invert", false);
    ObjectNode joined = json.objectNode().put("type", "Fuse");
    SpecialTokens.save(directory, vocabulary, model, eachCharacter, joined);
  }

  private static String name(int character) {
    boolean printable =
        !Character.isISOControl(character)
            && !Character.isWhitespace(character)
            && Character.getType(character) != Character.SURROGATE;
    String code = "U+%04X".formatted(character);
    return printable ? "'%s' (%s)".formatted(Character.toString(character), code) : code;
  }
}
