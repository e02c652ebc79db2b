package dev.troupe.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuiltInTokenizersTest {
  private static final Map<String, String> UNTOUCHED =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  @TempDir private Path directory;

  @Test
  void numbersTheAlphabetAfterTheSpecialTokens() {
    var tokenizer = new CharacterTokenizer("0123456789>");
    assertArrayEquals(new int[] {6, 3, 13}, tokenizer.encode("30>"));
    assertArrayEquals(new int[] {1, 6, 3, 13}, tokenizer.encode("30>", true));
    assertEquals("30>", tokenizer.decode(new int[] {1, 6, 3, 13, 2, 0, 0}));
    assertEquals(14, tokenizer.vocabSize());
  }

  @Test
  void numbersBytesAfterTheSpecialTokens() {
    var tokenizer = new ByteTokenizer();
    // é is C3 A9: 3 + 195, 3 + 169
    assertArrayEquals(new int[] {100, 198, 172}, tokenizer.encode("aé"));
    assertEquals("aé", tokenizer.decode(new int[] {1, 100, 198, 172, 2}));
    assertEquals(259, tokenizer.vocabSize());
  }

  @Test
  void namesTheUnknownCharacterAndItsPosition() {
    var tokenizer = new CharacterTokenizer("ab😀");
    var error = assertThrows(TokenizerException.class, () -> tokenizer.encode("a😀bé"));
    assertEquals(
        "The character 'é' (U+00E9) at position 3 of the text is not in the alphabet \"ab😀\".",
        error.getMessage());
    var newline = assertThrows(TokenizerException.class, () -> tokenizer.encode("\n"));
    assertTrue(newline.getMessage().contains("U+000A at position 0"), newline.getMessage());
  }

  @Test
  void refusesAnAlphabetWithACharacterTwice() {
    var error = assertThrows(IllegalArgumentException.class, () -> new CharacterTokenizer("abca"));
    assertTrue(error.getMessage().contains("'a' (U+0061) twice"), error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new CharacterTokenizer(""));
    assertThrows(IllegalArgumentException.class, () -> new CharacterTokenizer("a\uD83D"));
  }

  @Test
  void savedCharacterTokenizerHasTheSameIdsInTheLibraryAndWhenLoaded() throws Exception {
    sameAfterSaving(
        new CharacterTokenizer("0123456789>=+ \n\"\\<sé中😀"),
        "30>",
        "",
        " ",
        "1 + 2 = 3\n\n\"\\é中😀😀",
        "1<s>2</s><pad>9",
        "<<s><s");
  }

  @Test
  void savedByteTokenizerHasTheSameIdsInTheLibraryAndWhenLoaded() throws Exception {
    sameAfterSaving(
        new ByteTokenizer(),
        "Hello, world! It 's  me .\r\n\t",
        "",
        " leading",
        "naïve – 日本語 😀👩‍👧 \u0000\u00ad\u007f",
        "<s>special</s> <pad> <<s> </s",
        "caf\u0065\u0301");
  }

  private void sameAfterSaving(Tokenizer tokenizer, String... texts) throws Exception {
    tokenizer.save(directory);
    try (var library = HuggingFaceTokenizer.newInstance(directory, UNTOUCHED);
        Tokenizer loaded = HuggingFaceTokenizers.load(directory)) {
      for (String text : texts) {
        for (boolean special : new boolean[] {false, true}) {
          int[] ids = tokenizer.encode(text, special);
          assertArrayEquals(longs(ids), library.encode(text, special, false).getIds(), text);
          assertArrayEquals(ids, loaded.encode(text, special), text);
          assertEquals(tokenizer.decode(ids), library.decode(longs(ids), true), text);
          assertEquals(tokenizer.decode(ids), loaded.decode(ids), text);
        }
      }
      assertEquals(tokenizer.vocabSize(), loaded.vocabSize());
      assertEquals(tokenizer.bosToken(), loaded.bosToken());
      assertEquals(tokenizer.eosToken(), loaded.eosToken());
      assertEquals(tokenizer.padToken(), loaded.padToken());
    }
  }

  @Test
  void foreignCharactersAreRefusedAfterSavingToo() {
    new CharacterTokenizer("01").save(directory);
    try (Tokenizer loaded = HuggingFaceTokenizers.load(directory)) {
      var error = assertThrows(TokenizerException.class, () -> loaded.encode("012"));
      assertTrue(error.getMessage().contains("cannot encode \"012\""), error.getMessage());
    }
  }

  @Test
  void randomBytesReadTheSameHereAndInTheLibraryWholeOrPieceByPiece() throws Exception {
    var tokenizer = new ByteTokenizer();
    tokenizer.save(directory);
    var random = new Random(11);
    // Bytes that begin, continue and break characters, so that broken ones come in all forms.
    int[] interesting = {
      0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xF5
    };
    try (var library = HuggingFaceTokenizer.newInstance(directory, UNTOUCHED)) {
      for (int round = 0; round < 2000; round++) {
        int[] ids =
            random
                .ints(random.nextInt(8), 0, interesting.length)
                .map(i -> 3 + interesting[i])
                .toArray();
        var text = new StreamingText(tokenizer);
        var joined = new StringBuilder();
        for (int id : ids) {
          joined.append(text.append(id));
        }
        String whole = text.finish();
        assertTrue(whole.startsWith(joined.toString()));
        assertEquals(whole, tokenizer.decode(ids));
        assertEquals(library.decode(longs(ids), true), whole, () -> Arrays.toString(ids));
      }
    }
  }

  @Test
  void readsIdsBeyondTheVocabularyAsNothingAndRefusesNegativeOnes() {
    for (Tokenizer tokenizer : new Tokenizer[] {new ByteTokenizer(), new CharacterTokenizer("a")}) {
      assertEquals("", tokenizer.decode(new int[] {259, 1_000_000}));
      assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(new int[] {-1}));
    }
  }

  @Test
  void replacesHalfACharacterInsteadOfWritingAQuestionMark() {
    var tokenizer = new ByteTokenizer();
    assertEquals("\uFFFDa😀\uFFFD", tokenizer.decode(tokenizer.encode("\uDE00a😀\uD83D")));
  }

  private static long[] longs(int[] ids) {
    return Arrays.stream(ids).asLongStream().toArray();
  }
}
