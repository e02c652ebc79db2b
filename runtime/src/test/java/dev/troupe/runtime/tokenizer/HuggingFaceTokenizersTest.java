package dev.troupe.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceTokenizersTest {
  @TempDir private Path directory;

  @BeforeEach
  void saveASmallOne() {
    new ByteTokenizer().save(directory);
  }

  @Test
  void saysWhichFileOrDirectoryIsMissing() throws Exception {
    Path nowhere = directory.resolve("nowhere");
    assertTrue(failure(nowhere).startsWith(nowhere + " is no directory; give"), failure(nowhere));
    Files.createDirectory(nowhere);
    String message = failure(nowhere);
    assertTrue(message.startsWith("There is no " + nowhere.resolve("tokenizer.json")), message);
  }

  @Test
  void saysWhichFileIsNotJson() throws Exception {
    write("tokenizer_config.json", "{\"bos_token\": ");
    assertTrue(failure(directory).contains("tokenizer_config.json is not valid JSON"));
  }

  @Test
  void saysWhenTheLibraryRefusesTheFile() throws Exception {
    edit("\"BPE\"", "\"Sorcery\"");
    assertTrue(failure(directory).contains("not accepted by the Hugging Face library"));
  }

  @Test
  void saysWhichDecoderStepIsNotSupported() throws Exception {
    edit(
        "\"decoder\" : {\n    \"type\" : \"ByteLevel\"", "\"decoder\" : {\n    \"type\" : \"CTC\"");
    assertTrue(failure(directory).contains("the decoder step {\"type\":\"CTC\""));
  }

  @Test
  void saysWhichSpecialTokenIsNotInTheVocabulary() throws Exception {
    write("tokenizer_config.json", "{\"eos_token\": {\"content\": \"<|end|>\"}}");
    String message = failure(directory);
    assertTrue(
        message.contains("eos_token = \"<|end|>\" is not a token of tokenizer.json"), message);
  }

  @Test
  void readsSpecialTokensAsTextAsObjectsAndFromTheModelConfig() throws Exception {
    write("tokenizer_config.json", "{\"bos_token\": {\"content\": \"<s>\"}, \"pad_token\": null}");
    write("config.json", "{\"eos_token_id\": [2, 7], \"pad_token_id\": 0, \"bos_token_id\": 9}");
    try (Tokenizer tokenizer = HuggingFaceTokenizers.load(directory)) {
      assertEquals(1, tokenizer.bosToken());
      assertEquals(2, tokenizer.eosToken());
      assertEquals(0, tokenizer.padToken());
    }
  }

  @Test
  void hasNoSpecialTokensWhereNoFileNamesThem() throws Exception {
    Files.delete(directory.resolve("tokenizer_config.json"));
    try (Tokenizer tokenizer = HuggingFaceTokenizers.load(directory)) {
      assertEquals(Tokenizer.NONE, tokenizer.bosToken());
      assertEquals(Tokenizer.NONE, tokenizer.eosToken());
      assertEquals(Tokenizer.NONE, tokenizer.padToken());
    }
  }

  @Test
  void neitherShortensNorFillsUpEvenIfTheFileSaysSo() throws Exception {
    edit(
        "\"truncation\" : null",
        "\"truncation\": {\"direction\": \"Right\", \"max_length\": 4,"
            + " \"strategy\": \"LongestFirst\", \"stride\": 0}");
    edit(
        "\"padding\" : null",
        "\"padding\": {\"strategy\": {\"Fixed\": 20}, \"direction\": \"Right\","
            + " \"pad_to_multiple_of\": null, \"pad_id\": 0, \"pad_type_id\": 0,"
            + " \"pad_token\": \"<pad>\"}");
    try (Tokenizer tokenizer = HuggingFaceTokenizers.load(directory)) {
      assertEquals(9, tokenizer.encode("123456789").length);
    }
  }

  @Test
  void savesTheFilesEvenWhenTheirOriginIsGone(@TempDir Path target) throws Exception {
    try (Tokenizer tokenizer = HuggingFaceTokenizers.load(directory)) {
      Files.delete(directory.resolve("tokenizer.json"));
      tokenizer.save(target);
    }
    try (Tokenizer again = HuggingFaceTokenizers.load(target)) {
      assertEquals("hé", again.decode(again.encode("hé")));
    }
  }

  @Test
  void keepsAddedTokensThatAreNotSpecialInTheText() throws Exception {
    edit(
        "\"added_tokens\" : [",
        "\"added_tokens\" : [ {\"id\": 259, \"content\": \"<think> it\", \"single_word\": false,"
            + " \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": false}, ");
    try (Tokenizer tokenizer = HuggingFaceTokenizers.load(directory)) {
      assertEquals(260, tokenizer.vocabSize());
      int[] ids = tokenizer.encode("a<think> it</s>");
      assertEquals(3, ids.length);
      assertEquals("a<think> it", tokenizer.decode(ids));
    }
  }

  @Test
  void saysWhichFileCannotBeWritten() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    var error =
        assertThrows(TokenizerException.class, () -> new ByteTokenizer().save(file.resolve("x")));
    assertTrue(error.getMessage().contains("cannot be written"), error.getMessage());
  }

  private String failure(Path from) {
    return assertThrows(TokenizerException.class, () -> HuggingFaceTokenizers.load(from))
        .getMessage();
  }

  private void write(String name, String content) throws Exception {
    Files.writeString(directory.resolve(name), content);
  }

  private void edit(String from, String to) throws Exception {
    String json = Files.readString(directory.resolve("tokenizer.json"));
    assertTrue(json.contains(from), json);
    write("tokenizer.json", json.replace(from, to));
  }
}
