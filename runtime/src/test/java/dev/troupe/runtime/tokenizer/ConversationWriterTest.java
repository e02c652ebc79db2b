package dev.troupe.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConversationWriterTest {
  /** Written forms of the byte tokenizer's special tokens stand for the turn's ends. */
  private static final String CHAT =
      "{% for m in messages %}<s>{{ m.role }}:{{ m.content }}</s>{% endfor %}"
          + "{% if add_generation_prompt %}<s>assistant:{% endif %}";

  private final Tokenizer bytes = new ByteTokenizer();
  private final ConversationWriter writer = ConversationWriter.of(bytes, template(CHAT));

  private static ChatTemplate template(String source) {
    return ChatTemplate.of(source, Map.of(), Clock.systemUTC());
  }

  private static Map<String, Object> said(String role, String content) {
    return ConversationWriter.message(role, content);
  }

  @Test
  void opensWithTheWholeConversation() {
    assertArrayEquals(
        bytes.encode("<s>user:hi</s><s>assistant:"),
        writer.open(List.of(said("user", "hi")), Map.of()));
  }

  @Test
  void goesOnWithWhatIsNewAndWritesTheEndOfATurnOnce() {
    List<Map<String, Object>> now =
        List.of(said("user", "hi"), said("assistant", "ho"), said("user", "more"));

    int[] cut = writer.since(now, 1, Map.of(), Tokenizer.NONE);
    int[] ended = writer.since(now, 1, Map.of(), bytes.eosToken());

    assertArrayEquals(bytes.encode("</s><s>user:more</s><s>assistant:"), cut);
    assertArrayEquals(bytes.encode("<s>user:more</s><s>assistant:"), ended);
  }

  @Test
  void whatTheModelSampledStaysThoughEncodingItsTextGivesOtherTokens() {
    // The sampled tokens end with a byte that is no text: decoding shows U+FFFD, which has 3 bytes.
    int[] sampled = {bytes.encode("h")[0], bytes.encode("é")[0], bytes.eosToken()};
    String text = bytes.decodeContinuation(sampled);
    List<Map<String, Object>> now =
        List.of(said("user", "hi"), said("assistant", text), said("user", "more"));

    int[] grown =
        IntStream.concat(
                IntStream.concat(
                    IntStream.of(writer.open(now.subList(0, 1), Map.of())), IntStream.of(sampled)),
                IntStream.of(writer.since(now, 1, Map.of(), bytes.eosToken())))
            .toArray();
    int[] again = writer.open(now, Map.of());

    assertEquals(bytes.decode(again), bytes.decode(grown)); // the same for people
    assertEquals(again.length - 2, grown.length); // one byte where a new encoding has three
  }

  @Test
  void aTemplateThatChangesWhatTheModelSaidDoesNotMatter() {
    // Qwen3 leaves thoughts out of earlier turns; upper stands for any such change.
    var changing =
        ConversationWriter.of(
            bytes,
            template(
                "{% for m in messages %}{% if m.role == 'assistant' %}{{ m.content | trim }}"
                    + "{% else %}[{{ m.content | upper }}]{% endif %}{% endfor %}"));
    List<Map<String, Object>> now =
        List.of(said("user", "hi"), said("assistant", " ho "), said("user", "more"));

    assertArrayEquals(bytes.encode("[MORE]"), changing.since(now, 1, Map.of(), Tokenizer.NONE));
  }

  @Test
  void withoutATemplateMessagesFollowEachOther() {
    var digits = new CharacterTokenizer("0123456789>");
    ConversationWriter plain = digits.conversation();
    List<Map<String, Object>> now =
        List.of(said("user", "12>"), said("assistant", "3"), said("user", ">"));

    assertArrayEquals(digits.encode("12>", true), plain.open(now.subList(0, 1), Map.of()));
    assertArrayEquals(digits.encode(">"), plain.since(now, 1, Map.of(), digits.eosToken()));
  }

  @Test
  void aTemplateThatLeavesTheModelsTurnOutIsRefused() {
    var deaf = ConversationWriter.of(bytes, template("{{ messages[0].content }}"));
    List<Map<String, Object>> now =
        List.of(said("user", "hi"), said("assistant", "ho"), said("user", "more"));

    TokenizerException refused =
        assertThrows(TokenizerException.class, () -> deaf.since(now, 1, Map.of(), Tokenizer.NONE));
    assertEquals(
        "The chat template writes turn 2 of a conversation not at all, so no turn can follow it; use a template that writes each turn once.",
        refused.getMessage());
  }
}
