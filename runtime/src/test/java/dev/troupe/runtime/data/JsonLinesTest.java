package dev.troupe.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  private static final FieldMapping QUESTION =
      new FieldMapping(
          PromptTemplate.parse("Q: {question}\nA:"),
          Optional.of(PromptTemplate.parse("{answer}")),
          Optional.empty());

  @TempDir private Path directory;

  @Test
  void fillsPromptAndAnswerFromTheFieldsOfALine() {
    List<Example> examples =
        read(
            QUESTION,
            "{\"question\": \"1+1?\", \"answer\": 2, \"price\": 0.10, \"n\": null, \"l\": [1, \"é\"]}",
            "",
            "{\"question\": \"ünï\", \"answer\": true}\r");
    assertEquals(
        new Example(
            "data.jsonl:1",
            "Q: 1+1?\nA:",
            "2",
            Map.of("question", "1+1?", "answer", "2", "price", "0.10", "l", "[1,\"é\"]")),
        examples.get(0));
    assertEquals("data.jsonl:3", examples.get(1).id());
    assertEquals("Q: ünï\nA:", examples.get(1).prompt());
    assertEquals("true", examples.get(1).answer());
  }

  @Test
  void namesExamplesByAFieldAndRefusesANameTwice() {
    var mapping =
        new FieldMapping(PromptTemplate.parse("{q}"), Optional.empty(), Optional.of("key"));
    Example only = read(mapping, "{\"q\": \"x\", \"key\": \"k1\"}").get(0);
    assertEquals("k1", only.id());
    assertNull(only.answer());
    assertThrows(IllegalStateException.class, only::requireAnswer);
    assertEquals(
        List.of("data.jsonl:2: the id \"k1\" is already that of line 1"),
        problems(mapping, "{\"q\": \"x\", \"key\": \"k1\"}", "{\"q\": \"y\", \"key\": \"k1\"}"));
  }

  @Test
  void reportsAllBadLinesAtOnceWithLineAndField() {
    List<String> problems =
        problems(
            QUESTION,
            "{\"question\": \"fine\", \"answer\": \"1\"}",
            "{\"question\": \"no answer\"}",
            "[1]",
            "{\"question\": ",
            "{\"question\": \"a\", \"question\": \"b\", \"answer\": \"\"}",
            "{\"answer\": null, \"question\": \"b\"} trailing",
            "{\"problem\": \"b\", \"answer\": \"b\"}");
    assertEquals(6, problems.size(), problems.toString());
    assertEquals(
        "data.jsonl:2: The template uses an unknown field {answer}; known are: question.",
        problems.get(0));
    assertEquals("data.jsonl:3: it is not a JSON object", problems.get(1));
    assertTrue(problems.get(2).startsWith("data.jsonl:4: it is not valid JSON: "));
    assertTrue(problems.get(3).startsWith("data.jsonl:5: it is not valid JSON: Duplicate"));
    assertTrue(problems.get(4).startsWith("data.jsonl:6: it is not valid JSON: "));
    assertTrue(problems.get(5).contains("{question}; known are: answer, problem"));
  }

  @Test
  void stopsAfterTwentyProblems() {
    String[] lines = new String[50];
    Arrays.fill(lines, "nonsense");
    List<String> problems = problems(QUESTION, lines);
    assertEquals(21, problems.size());
    assertTrue(problems.get(19).startsWith("data.jsonl:20:"), problems.get(19));
    assertEquals("reading stopped here; there may be more", problems.get(20));
  }

  @Test
  void saysWhichLineIsNotUtf8AndPassesOverAByteOrderMark() throws Exception {
    Path file = directory.resolve("data.jsonl");
    Files.write(
        file, "\uFEFF{\"question\":\"é\",\"answer\":\"\"}".getBytes(StandardCharsets.UTF_8));
    assertEquals("Q: é\nA:", JsonLines.read(file, QUESTION).get(0).prompt());
    Files.write(file, "{}\n{\"question\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1));
    var error = assertThrows(DataException.class, () -> JsonLines.read(file, QUESTION));
    assertEquals("data.jsonl:2: it is not valid UTF-8", error.problems().get(1));
  }

  @Test
  void refusesAFileThatIsMissingOrEmpty() {
    Path missing = directory.resolve("missing.jsonl");
    var error = assertThrows(DataException.class, () -> JsonLines.read(missing, QUESTION));
    assertTrue(error.getMessage().startsWith("data file " + missing + ": it cannot be read"));
    assertEquals(List.of("it has no examples"), problems(QUESTION, "", " "));
  }

  private List<Example> read(JsonLines.LineMapping mapping, String... lines) {
    try {
      return JsonLines.read(
          Files.writeString(directory.resolve("data.jsonl"), String.join("\n", lines) + "\n"),
          mapping);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> problems(JsonLines.LineMapping mapping, String... lines) {
    return assertThrows(DataException.class, () -> read(mapping, lines)).problems();
  }
}
