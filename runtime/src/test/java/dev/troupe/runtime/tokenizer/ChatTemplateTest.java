package dev.troupe.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.tokenizer.ChatTemplate.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The published formats of well-known families. Golden texts: Python's jinja2 3.1.6 with
 * ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True), as transformers renders, on
 * the templates beside this class.
 */
class ChatTemplateTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2024-07-26T10:00:00Z"), ZoneOffset.UTC);
  private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");
  private static final List<Message> TALK =
      List.of(
          new Message("user", " What is 2+2? "),
          new Message("assistant", "<think>\neasy\n</think>\n\n4"),
          new Message("user", "And \"3+3\"?"));
  private static final String THOUGHT = "<think>\neasy\n</think>\n\n4";

  @TempDir private Path folder;

  private static String source(String name) {
    try (InputStream resource =
        ChatTemplateTest.class.getResourceAsStream("chat/" + name + ".jinja")) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ChatTemplate template(String name) {
    return ChatTemplate.of(source(name), TOKENS, CLOCK);
  }

  private static String render(String source, Map<String, Object> variables) {
    return ChatTemplate.of(source, TOKENS, CLOCK).render(TALK, true, variables);
  }

  private static List<Message> withSystem() {
    var messages = new ArrayList<>(List.of(new Message("system", "Be brief.")));
    messages.addAll(TALK);
    return messages;
  }

  @Test
  void chatMl() {
    String talk =
        "<|im_start|>user\n What is 2+2? <|im_end|>\n<|im_start|>assistant\n"
            + THOUGHT
            + "<|im_end|>\n<|im_start|>user\nAnd \"3+3\"?<|im_end|>\n";
    assertEquals(talk, template("chatml").render(TALK, false));
    assertEquals(
        "<|im_start|>system\nBe brief.<|im_end|>\n" + talk + "<|im_start|>assistant\n",
        template("chatml").render(withSystem(), true));
  }

  @Test
  void llama3() {
    String head = "<|start_header_id|>";
    String talk =
        head
            + "user<|end_header_id|>\n\nWhat is 2+2?<|eot_id|>"
            + head
            + "assistant<|end_header_id|>\n\n"
            + THOUGHT
            + "<|eot_id|>"
            + head
            + "user<|end_header_id|>\n\nAnd \"3+3\"?<|eot_id|>";
    assertEquals("<s>" + talk, template("llama-3").render(TALK, false));
    assertEquals(
        "<s>"
            + head
            + "system<|end_header_id|>\n\nBe brief.<|eot_id|>"
            + talk
            + head
            + "assistant<|end_header_id|>\n\n",
        template("llama-3").render(withSystem(), true));
  }

  @Test
  void qwen25BringsItsOwnSystemMessage() {
    String talk =
        "<|im_start|>user\n What is 2+2? <|im_end|>\n<|im_start|>assistant\n"
            + THOUGHT
            + "<|im_end|>\n<|im_start|>user\nAnd \"3+3\"?<|im_end|>\n<|im_start|>assistant\n";
    assertEquals(
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant."
            + "<|im_end|>\n"
            + talk,
        template("qwen-2.5").render(TALK, true));
    assertEquals(
        "<|im_start|>system\nBe brief.<|im_end|>\n" + talk,
        template("qwen-2.5").render(withSystem(), true));
  }

  @Test
  void qwen3ForgetsEarlierThoughtsAndMayBeToldNotToThink() {
    String talk =
        "<|im_start|>user\n What is 2+2? <|im_end|>\n<|im_start|>assistant\n4<|im_end|>\n"
            + "<|im_start|>user\nAnd \"3+3\"?<|im_end|>\n";
    assertEquals(talk, template("qwen-3").render(TALK, false));
    assertEquals(
        talk + "<|im_start|>assistant\n<think>\n\n</think>\n\n",
        template("qwen-3").render(TALK, true, Map.of("enable_thinking", false)));
    // The answer behind the last question keeps its thoughts.
    assertTrue(
        template("qwen-3")
            .render(TALK.subList(0, 2), false)
            .endsWith("<|im_start|>assistant\n" + THOUGHT + "<|im_end|>\n"));
  }

  @Test
  void mistralRefusesRolesThatDoNotAlternate() {
    assertEquals(
        "<s>[INST]  What is 2+2?  [/INST]" + THOUGHT + "</s> [INST] And \"3+3\"? [/INST]",
        template("mistral").render(TALK, true));
    var thrown =
        assertThrows(
            TokenizerException.class, () -> template("mistral").render(withSystem(), true));
    assertTrue(thrown.getMessage().contains("roles must alternate"), thrown.getMessage());
  }

  @Test
  void gemmaCallsTheAssistantModelAndKnowsNoSystem() {
    assertEquals(
        "<s><start_of_turn>user\nWhat is 2+2?<end_of_turn>\n<start_of_turn>model\n"
            + THOUGHT
            + "<end_of_turn>\n<start_of_turn>user\nAnd \"3+3\"?<end_of_turn>\n"
            + "<start_of_turn>model\n",
        template("gemma").render(TALK, true));
    var thrown =
        assertThrows(TokenizerException.class, () -> template("gemma").render(withSystem(), true));
    assertTrue(thrown.getMessage().contains("System role not supported"), thrown.getMessage());
  }

  @Test
  void phi3EndsATextWhereNoAnswerIsAskedFor() {
    String talk =
        "<|user|>\n What is 2+2? <|end|>\n<|assistant|>\n"
            + THOUGHT
            + "<|end|>\n<|user|>\nAnd \"3+3\"?<|end|>\n";
    assertEquals(talk + "</s>", template("phi-3").render(TALK, false));
    assertEquals(
        "<|system|>\nBe brief.<|end|>\n" + talk + "<|assistant|>\n",
        template("phi-3").render(withSystem(), true));
  }

  @Test
  void statementsLeaveNeitherTheirLineBreakNorTheirIndent() {
    assertEquals("a\nb\n", render("a\n  {% if true %}\nb\n  {% endif %}\n", Map.of()));
    assertEquals("a\n  b", render("a\n  {{ 'b' }}", Map.of()));
    assertEquals("ab", render("a \n {{- 'b' -}} \n ", Map.of()));
    assertEquals("a\n  b", render("a\n  {%+ if true %}b{% endif %}", Map.of()));
  }

  @Test
  void datesAreWrittenAsPythonDoes() {
    assertEquals("26 Jul 2024", render("{{ strftime_now('%d %b %Y') }}", Map.of()));
  }

  @Test
  void jsonHasPythonsSpacesAndKeepsLetters() {
    Map<String, Object> tool = Map.of("names", List.of("ü\n", 1L, true));
    assertEquals("{\"names\": [\"ü\\n\", 1, true]}", render("{{ x | tojson }}", Map.of("x", tool)));
    assertEquals(
        "{\n  \"names\": [\n    \"ü\\n\",\n    1,\n    true\n  ]\n}",
        render("{{ x | tojson(indent=2) }}", Map.of("x", tool)));
  }

  @Test
  void loopsMacrosAndNamespacesFollowTheirScopes() {
    assertEquals(
        "0-2",
        render(
            "{% set n = 0 %}{% set ns = namespace(n=0) %}"
                + "{% for i in range(3) %}{% if i == 2 %}{% break %}{% endif %}"
                + "{% set n = i %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ n }}-{{ ns.n }}",
            Map.of()));
    assertEquals(
        "a:1,b:2",
        render(
            "{% macro f(k, v=2) %}{{ k }}:{{ v }}{% endmacro %}{{ f('a', 1) ~ ',' ~ f('b') }}",
            Map.of()));
  }

  @Test
  void whatIsNotKnownIsASentenceWithItsLine() {
    var thrown =
        assertThrows(
            TokenizerException.class, () -> ChatTemplate.of("a\n{% include 'x' %}", TOKENS, CLOCK));
    assertEquals(
        "The chat template has on line 2 the statement 'include', which is not known here.",
        thrown.getMessage());
    assertTrue(
        assertThrows(TokenizerException.class, () -> render("{{ messages[0].x.y }}", Map.of()))
            .getMessage()
            .contains("'x', which is not defined"));
    assertTrue(
        assertThrows(TokenizerException.class, () -> render("{% if true %}", Map.of()))
            .getMessage()
            .contains("endif"));
  }

  @Test
  void aTemplateReachesNoJavaObject() {
    assertEquals("", render("{{ 'a'.getClass }}{{ messages.class }}", Map.of()));
    assertThrows(TokenizerException.class, () -> render("{{ 'a'.getClass() }}", Map.of()));
  }

  @Test
  void aModelDirectoryHasItsTemplateInEitherFile() throws Exception {
    assertEquals(Optional.empty(), ChatTemplate.load(folder));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"bos_token": {"content": "<B>"}, "chat_template": [
          {"name": "tools", "template": "no"},
          {"name": "default", "template": "{{ bos_token }}{{ messages[0].content }}"}]}
        """);
    List<Message> messages = List.of(new Message("user", "hello"));
    assertEquals("<B>hello", ChatTemplate.load(folder).orElseThrow().render(messages, true));
    Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages|length }}\n");
    assertEquals("1", ChatTemplate.load(folder).orElseThrow().render(messages, true));
  }

  @Test
  void aPromptBecomesWhatAUserSaysAndAnAnswerStaysPlain() {
    new ByteTokenizer().save(folder);
    String missing =
        assertThrows(TokenizerException.class, () -> ChatTokenizer.load(folder)).getMessage();
    assertTrue(missing.contains("has no chat template"), missing);
    ChatTemplate template =
        ChatTemplate.of("{{ bos_token }}U:{{ messages[0].content }}\nA:", TOKENS, CLOCK);
    try (var plain = HuggingFaceTokenizers.load(folder);
        var chat = new ChatTokenizer(HuggingFaceTokenizers.load(folder), template)) {
      assertArrayEquals(plain.encode("<s>U:hi\nA:"), chat.encode("hi", true));
      assertEquals(1, chat.encode("hi", true)[0]); // the written <s> is the token
      assertArrayEquals(plain.encode("hi"), chat.encode("hi"));
    }
  }
}
