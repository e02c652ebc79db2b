package dev.troupe.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real SentencePiece-type tokenizer with byte fallback; golden ids come with the material. */
class TinyStoriesTokenizerTest {
  private static final String LILY = "Once upon a time, there was a little girl named Lily.";
  private static final int[] LILY_IDS = {
    1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426
  };

  private Path directory;
  private Tokenizer tokenizer;

  @BeforeEach
  void load() {
    directory = SharedMaterial.path("models/tiny-stories-260k");
    tokenizer = HuggingFaceTokenizers.load(directory);
  }

  @AfterEach
  void close() {
    if (tokenizer != null) {
      tokenizer.close();
    }
  }

  @Test
  void encodesTheGoldenSentenceAndDecodesItBackExactly() {
    assertArrayEquals(LILY_IDS, tokenizer.encode(LILY, true));
    assertEquals(LILY, tokenizer.decode(LILY_IDS));
  }

  @Test
  void addsTheBeginningTokenOnlyWhenAsked() {
    int[] withoutBos = Arrays.copyOfRange(LILY_IDS, 1, LILY_IDS.length);
    assertArrayEquals(withoutBos, tokenizer.encode(LILY));
    assertArrayEquals(new int[0], tokenizer.encode(""));
    assertArrayEquals(new int[] {1}, tokenizer.encode("", true));
  }

  @Test
  void knowsItsSpecialTokensAndSize() {
    assertEquals(512, tokenizer.vocabSize());
    assertEquals(1, tokenizer.bosToken());
    assertEquals(2, tokenizer.eosToken());
    assertEquals(Tokenizer.NONE, tokenizer.padToken());
  }

  @Test
  void keepsTheSpaceInFrontOfAContinuation() {
    int[] continuation = {407, 261, 378, 2};
    assertEquals("upon a time", tokenizer.decode(continuation));
    assertEquals(" upon a time", tokenizer.decodeContinuation(continuation));
  }

  @Test
  void bringsBackEveryTextByteByByte() {
    for (String text :
        new String[] {
          " a  leading and  double space ",
          "naïve café — “quotes” ½",
          "日本語 and 😀👩‍👧 emoji",
          "tabs\tlines\n\r\n",
          "control \u0001 and \u0000 and \u007f",
          "Wait . Spaces , before punctuation do n't move !",
          "▁"
        }) {
      String expected = text.replace('▁', ' '); // SentencePiece writes a space as U+2581
      assertEquals(expected, tokenizer.decode(tokenizer.encode(text)), text);
      assertEquals(expected, tokenizer.decode(tokenizer.encode(text, true)), text);
    }
  }

  @Test
  void showsACharacterOnlyWhenAllItsBytesAreThere() {
    int[] tokens = tokenizer.encode("hi 😀!");
    var text = new StreamingText(tokenizer);
    String joined = "";
    for (int token : tokens) {
      joined += text.append(token);
      assertEquals(joined, text.text().toString());
      assertTrue(joined.indexOf('\uFFFD') < 0, joined);
      assertTrue(" hi 😀!".startsWith(joined), joined);
    }
    assertEquals(" hi 😀!", joined);
    assertEquals(" hi 😀!", text.finish());
  }

  @Test
  void replacesBytesThatNothingCompletes() {
    int byteE2 = tokenOf((byte) 0xE2);
    int byteFF = tokenOf((byte) 0xFF);
    assertEquals("\uFFFD", tokenizer.decode(new int[] {byteE2}));
    assertEquals("\uFFFD\uFFFD\uFFFD", tokenizer.decode(new int[] {byteE2, byteFF, byteE2}));
  }

  @Test
  void readsAnyTokensAsTheLibraryDoes() throws Exception {
    Map<String, String> plain = Map.of("addSpecialTokens", "false", "truncation", "false");
    var random = new Random(5);
    try (var library = HuggingFaceTokenizer.newInstance(directory, plain)) {
      for (int round = 0; round < 1000; round++) {
        // Without byte tokens (3 to 258): the library spoils whole characters next to broken ones.
        int[] ids =
            random.ints(random.nextInt(6), 0, 512).filter(id -> id < 3 || id > 258).toArray();
        long[] longs = Arrays.stream(ids).asLongStream().toArray();
        assertEquals(
            library.decode(longs, true), tokenizer.decode(ids), () -> Arrays.toString(ids));
      }
    }
  }

  private int tokenOf(byte value) {
    return IntStream.range(3, 259)
        .filter(id -> Arrays.equals(new byte[] {value}, tokenizer.bytes(id)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void readsIdsBeyondTheVocabularyAsNothingAndRefusesNegativeOnes() {
    assertEquals("Once", tokenizer.decode(new int[] {403, 512, 100_000}));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(new int[] {403, -1}));
  }

  @Test
  void neverShortensALongText() {
    String text = LILY.repeat(60);
    int[] ids = tokenizer.encode(text);
    assertTrue(ids.length > 900, "length = " + ids.length);
    assertEquals(text, tokenizer.decode(ids));
  }

  @Test
  void replacesHalfACharacterInsteadOfFailing() {
    assertEquals("a\uFFFDb", tokenizer.decode(tokenizer.encode("a\uD83Db")));
  }

  @Test
  void savesTheFilesItWasLoadedFrom(@TempDir Path target) throws Exception {
    tokenizer.save(target.resolve("new"));
    for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
      byte[] saved = Files.readAllBytes(target.resolve("new").resolve(name));
      assertArrayEquals(Files.readAllBytes(directory.resolve(name)), saved, name);
    }
  }

  @Test
  void refusesToEncodeOnceClosedButMayBeClosedTwice() {
    tokenizer.close();
    tokenizer.close();
    var closed = assertThrows(IllegalStateException.class, () -> tokenizer.encode("a"));
    assertTrue(closed.getMessage().contains("is closed"), closed.getMessage());
  }

  @Test
  void givesTheSameIdsToSeveralThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<Void> work =
          () -> {
            for (int i = 0; i < 100; i++) {
              assertArrayEquals(LILY_IDS, tokenizer.encode(LILY, true));
            }
            return null;
          };
      for (Future<Void> done : threads.invokeAll(Collections.nCopies(4, work))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
