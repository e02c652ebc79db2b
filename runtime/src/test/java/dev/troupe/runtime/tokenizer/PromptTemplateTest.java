package dev.troupe.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PromptTemplateTest {
  @Test
  void putsValuesInPlaceOfTheirFields() {
    var template = PromptTemplate.parse("Question: {question}\nAnswer ({unit}): {question}");
    assertEquals(
        "Question: 1+1\nAnswer (apples): 1+1",
        template.render(Map.of("question", "1+1", "unit", "apples", "unused", "x")));
    assertEquals(List.of("question", "unit"), List.copyOf(template.fields()));
  }

  @Test
  void writesDoubledBracesOnceAndLeavesBracesOfValuesAlone() {
    var template = PromptTemplate.parse("{{\"q\": {q}}}");
    assertEquals("{\"q\": {q}}}", template.render(Map.of("q", "{q}}")));
    assertEquals("", PromptTemplate.parse("").render(Map.of()));
  }

  @Test
  void namesAllUnknownFieldsAndTheKnownOnes() {
    var template = PromptTemplate.parse("{problem} {hint} {answer}");
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> template.render(Map.of("question", "", "answer", "")));
    assertEquals(
        "The template uses unknown fields {problem}, {hint}; known are: answer, question.",
        error.getMessage());
    var one =
        assertThrows(
            IllegalArgumentException.class, () -> template.requireFields(Set.of("hint", "answer")));
    assertEquals(
        "The template uses an unknown field {problem}; known are: answer, hint.", one.getMessage());
  }

  @Test
  void saysWhereABraceIsWrong() {
    assertTrue(failure("a {b").contains("at position 2 a '{' that is not closed"));
    assertTrue(failure("a b}").contains("at position 3 a '}' that closes nothing"));
    assertTrue(failure("a {} b").contains("at position 2 '{}', which is no field name"));
    assertTrue(failure("{a b}").contains("'{a b}', which is no field name"));
  }

  private static String failure(String source) {
    return assertThrows(IllegalArgumentException.class, () -> PromptTemplate.parse(source))
        .getMessage();
  }
}
