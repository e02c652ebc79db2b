package dev.troupe.runtime.reward.instruction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Instructions about the form of a text: its parts, its marks, how it begins and ends. */
final class FormInstructions {
  private static final Pattern BULLET = Pattern.compile("(?m)^\\s*(?:\\*(?!\\*)|-)\\s*\\S");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\[[^\\[\\]]+]");
  private static final Pattern HIGHLIGHT =
      Pattern.compile("\\*\\*[^*\\n]*[^*\\s][^*\\n]*\\*\\*|\\*[^*\\n]*[^*\\s][^*\\n]*\\*");
  private static final Pattern TITLE = Pattern.compile("<<[^\\n<>]*[^\\s<>][^\\n<>]*>>");
  private static final Pattern FENCE = Pattern.compile("(?si)^```(?:json)?\\s*\\n(.*)\\n?```$");
  private static final List<String> CONSTRAINED =
      List.of("My answer is yes.", "My answer is no.", "My answer is maybe.");
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  static final Map<String, Function<Arguments, Predicate<String>>> KINDS =
      Map.ofEntries(
          Map.entry("length_constraints:number_paragraphs", FormInstructions::paragraphs),
          Map.entry("length_constraints:nth_paragraph_first_word", FormInstructions::firstWord),
          Map.entry("detectable_content:number_placeholders", FormInstructions::placeholders),
          Map.entry("detectable_content:postscript", FormInstructions::postscript),
          Map.entry("detectable_format:number_bullet_lists", FormInstructions::bullets),
          Map.entry(
              "detectable_format:constrained_response",
              arguments -> text -> CONSTRAINED.stream().anyMatch(text::contains)),
          Map.entry("detectable_format:number_highlighted_sections", FormInstructions::highlights),
          Map.entry("detectable_format:multiple_sections", FormInstructions::sections),
          Map.entry("detectable_format:json_format", arguments -> FormInstructions::isJson),
          Map.entry("detectable_format:title", arguments -> text -> TITLE.matcher(text).find()),
          Map.entry("combination:two_responses", arguments -> FormInstructions::isTwo),
          Map.entry("combination:repeat_prompt", FormInstructions::repeated),
          Map.entry("startend:end_checker", FormInstructions::end),
          Map.entry("startend:quotation", arguments -> FormInstructions::isQuoted));

  private FormInstructions() {}

  /** Paragraphs are parted by a line of three stars; the text may begin or end with one. */
  private static Predicate<String> paragraphs(Arguments arguments) {
    int wanted = arguments.number("num_paragraphs");
    return text -> {
      String[] parts = text.strip().split("\\s?\\*\\*\\*\\s?", -1);
      int paragraphs = 0;
      for (int i = 0; i < parts.length; i++) {
        if (!parts[i].isBlank()) {
          paragraphs++;
        } else if (i > 0 && i < parts.length - 1) {
          return false;
        }
      }
      return paragraphs == wanted;
    };
  }

  /** Here paragraphs are parted by an empty line. */
  private static Predicate<String> firstWord(Arguments arguments) {
    int wanted = arguments.number("num_paragraphs");
    int nth = arguments.number("nth_paragraph");
    String word = arguments.text("first_word").toLowerCase(Locale.ROOT);
    return text -> {
      List<String> paragraphs =
          Arrays.stream(text.split("\\n\\n")).filter(part -> !part.isBlank()).toList();
      if (paragraphs.size() != wanted || nth < 1 || nth > wanted) {
        return false;
      }
      String first = paragraphs.get(nth - 1).strip().split("\\s+")[0].toLowerCase(Locale.ROOT);
      return first.replaceAll("^[\"'“‘]+|[.,?!\"'”’;:]+$", "").equals(word);
    };
  }

  private static Predicate<String> placeholders(Arguments arguments) {
    int wanted = arguments.number("num_placeholders");
    return text -> WordInstructions.count(PLACEHOLDER, text) >= wanted;
  }

  private static Predicate<String> postscript(Arguments arguments) {
    String marker = arguments.text("postscript_marker");
    String letters =
        switch (marker) {
          case "P.P.S" -> "p\\.\\s?p\\.\\s?s";
          case "P.S." -> "p\\.\\s?s\\.";
          default -> Pattern.quote(marker.toLowerCase(Locale.ROOT));
        };
    Pattern line = Pattern.compile("(?m)^\\s*" + letters + ".*$");
    return text -> line.matcher(text.toLowerCase(Locale.ROOT)).find();
  }

  private static Predicate<String> bullets(Arguments arguments) {
    int wanted = arguments.number("num_bullets");
    return text -> WordInstructions.count(BULLET, text) == wanted;
  }

  private static Predicate<String> highlights(Arguments arguments) {
    int wanted = arguments.number("num_highlights");
    return text -> WordInstructions.count(HIGHLIGHT, text) >= wanted;
  }

  private static Predicate<String> sections(Arguments arguments) {
    int wanted = arguments.number("num_sections");
    Pattern heading =
        Pattern.compile("\\s?" + Pattern.quote(arguments.text("section_spliter")) + "\\s?\\d+\\s?");
    return text -> WordInstructions.count(heading, text) >= wanted;
  }

  private static boolean isJson(String text) {
    try {
      return !JSON.readTree(FENCE.matcher(text.strip()).replaceFirst("$1")).isMissingNode();
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  /** Two different answers with six stars between them. */
  private static boolean isTwo(String text) {
    List<String> parts = Arrays.stream(text.split("\\*{6}", -1)).map(String::strip).toList();
    List<String> answers = parts.stream().filter(part -> !part.isEmpty()).toList();
    return parts.size() <= 4 && answers.size() == 2 && !answers.get(0).equals(answers.get(1));
  }

  private static Predicate<String> repeated(Arguments arguments) {
    String prompt = arguments.text("prompt_to_repeat").strip().toLowerCase(Locale.ROOT);
    return text -> text.strip().toLowerCase(Locale.ROOT).startsWith(prompt);
  }

  private static Predicate<String> end(Arguments arguments) {
    String phrase = arguments.text("end_phrase").strip().toLowerCase(Locale.ROOT);
    return text -> text.strip().replaceAll("\"+$", "").toLowerCase(Locale.ROOT).endsWith(phrase);
  }

  private static boolean isQuoted(String text) {
    String stripped = text.strip();
    return stripped.length() > 1 && stripped.startsWith("\"") && stripped.endsWith("\"");
  }
}
