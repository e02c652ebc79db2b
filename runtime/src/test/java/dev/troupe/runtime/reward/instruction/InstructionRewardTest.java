package dev.troupe.runtime.reward.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.SettingsException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstructionRewardTest {
  private static final double EXACT = 0;
  private static final Example PLAIN = new Example("e", "p", null, Map.of());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "keywords:existence|keywords = [sun, moon]|The Sun and the moon.|1",
        "keywords:existence|keywords = [sun]|The sunset.|0",
        "keywords:frequency|keyword = a, frequency = 2, relation = at least|A bat, a cat|1",
        "keywords:frequency|keyword = a, frequency = 2, relation = less than|A bat, a cat|0",
        "keywords:forbidden_words|forbidden_words = [sun]|The sunset.|1",
        "keywords:forbidden_words|forbidden_words = [sun]|the SUN!|0",
        "keywords:letter_frequency|letter = e, let_frequency = 3, let_relation = at least|Eel tree|1",
        "keywords:letter_frequency|letter = e, let_frequency = 4, let_relation = less than|Eel tree|0",
        "length_constraints:number_words|num_words = 3, relation = at least|it's well-known now|1",
        "length_constraints:number_words|num_words = 3, relation = less than|one two three|0",
        "length_constraints:number_sentences|num_sentences = 3, relation = at least|Hi. Dr. No said 3.5! And|1",
        "length_constraints:number_sentences|num_sentences = 3, relation = less than|One. Two? Three!|0",
        "length_constraints:number_paragraphs|num_paragraphs = 2|one\\n***\\ntwo|1",
        "length_constraints:number_paragraphs|num_paragraphs = 2|one\\n\\ntwo|0",
        "length_constraints:nth_paragraph_first_word|num_paragraphs = 2, nth_paragraph = 2, first_word = yes|No.\\n\\nYes, so|1",
        "length_constraints:nth_paragraph_first_word|num_paragraphs = 2, nth_paragraph = 1, first_word = yes|No.\\n\\nYes, so|0",
        "detectable_content:number_placeholders|num_placeholders = 2|Dear [name], at [place]|1",
        "detectable_content:number_placeholders|num_placeholders = 3|Dear [name], at [place]|0",
        "detectable_content:postscript|postscript_marker = P.S.|Bye.\\nP.S. Hi|1",
        "detectable_content:postscript|postscript_marker = P.P.S|Bye.\\nP.S. Hi|0",
        "detectable_format:number_bullet_lists|num_bullets = 2|* a\\n- b\\n**c**|1",
        "detectable_format:number_bullet_lists|num_bullets = 2|* a\\n- b\\n- c|0",
        "detectable_format:constrained_response|x = 1|I say: My answer is no.|1",
        "detectable_format:constrained_response|x = 1|No.|0",
        "detectable_format:number_highlighted_sections|num_highlights = 2|*a* and **b c**|1",
        "detectable_format:number_highlighted_sections|num_highlights = 2|*a* and ** **|0",
        "detectable_format:multiple_sections|section_spliter = Section, num_sections = 2|Section 1 a\\nSection 2 b|1",
        "detectable_format:multiple_sections|section_spliter = Section, num_sections = 2|Section one, Section 2|0",
        "detectable_format:json_format|x = 1|```json\\n[1]\\n```|1",
        "detectable_format:json_format|x = 1|[1] so|0",
        "detectable_format:title|x = 1|<<Ode>>\\nO|1",
        "detectable_format:title|x = 1|<< >>|0",
        "combination:two_responses|x = 1|a******b|1",
        "combination:two_responses|x = 1|a******a|0",
        "combination:repeat_prompt|prompt_to_repeat = Say hi|say hi: hi|1",
        "combination:repeat_prompt|prompt_to_repeat = Say hi|hi|0",
        "startend:end_checker|end_phrase = The end|… the END|1",
        "startend:end_checker|end_phrase = The end|The end.|0",
        "startend:quotation|x = 1|\"so\"|1",
        "startend:quotation|x = 1|\"so|0",
        "change_case:capital_word_frequency|capital_frequency = 2, capital_relation = at least|NASA and ESA|1",
        "change_case:capital_word_frequency|capital_frequency = 2, capital_relation = less than|NASA and ESA|0",
        "change_case:english_capital|x = 1|HI 5!|1",
        "change_case:english_capital|x = 1|Hi|0",
        "change_case:english_lowercase|x = 1|hi 5!|1",
        "change_case:english_lowercase|x = 1|Hi|0",
        "punctuation:no_comma|x = 1|a b|1",
        "punctuation:no_comma|x = 1|a, b|0"
      })
  void checksEachInstruction(String id, String arguments, String completion, double expected)
      throws Exception {
    RewardFunction reward = reward("checks = [ { id = \"%s\", %s } ]".formatted(id, arguments));
    assertEquals(expected, reward.score(PLAIN, completion.replace("\\n", "\n")), EXACT);
    assertEquals(0, reward.score(PLAIN, "  "), EXACT, "an empty answer follows nothing");
  }

  @Test
  void readsTheInstructionsOfAnExampleAsInTheFileOfIfeval() throws Exception {
    var example =
        new Example(
            "e",
            "p",
            null,
            Map.of(
                "instruction_id_list",
                "[\"punctuation:no_comma\", \"length_constraints:number_words\"]",
                "kwargs",
                "[{}, {\"num_words\": 3, \"relation\": \"at least\"}]"));
    assertEquals(1, reward("").score(example, "one two three"), EXACT);
    assertEquals(0, reward("").score(example, "one, two, three"), EXACT);
    assertEquals(0.5, reward("grading = share").score(example, "one, two, three"), EXACT);
    assertTrue(reward("").isVerifiable());
    assertFalse(reward("grading = share").isVerifiable());
  }

  @Test
  void mayPassOverTheFirstAndTheLastLineAndStars() throws Exception {
    String checks = "checks = [ { id = \"startend:end_checker\", end_phrase = done } ]";
    assertEquals(0, reward(checks).score(PLAIN, "It is **done**\nBye"), EXACT);
    assertEquals(1, reward(checks + ", loose = true").score(PLAIN, "It is **done**\nBye"), EXACT);
  }

  @Test
  void refusesInstructionsThatItDoesNotKnowOrUnderstand() {
    var unknown =
        assertThrows(SettingsException.class, () -> reward("checks = [ { id = \"x:y\" } ]"));
    assertTrue(
        unknown.getMessage().contains("there is no instruction \"x:y\"; known are: change_case:"));
    var argument =
        assertThrows(
            SettingsException.class,
            () ->
                reward(
                    "checks = [ { id = \"length_constraints:number_words\", num_words = 3, relation = over } ]"));
    assertTrue(
        argument
            .getMessage()
            .contains("needs relation = \"at least\" or \"less than\", and has \"over\""),
        argument.getMessage());
    var none = assertThrows(IllegalStateException.class, () -> reward("").score(PLAIN, "x"));
    assertTrue(none.getMessage().startsWith("example e has no instructions"));
    var bad =
        new Example("e", "p", null, Map.of("instruction_id_list", "[\"x:y\"]", "kwargs", "[{}]"));
    assertThrows(IllegalStateException.class, () -> reward("").score(bad, "x"));
  }

  private static RewardFunction reward(String keys) {
    return RewardCatalog.standard()
        .create(ConfigFactory.parseString("kind = instructions\n" + keys));
  }
}
