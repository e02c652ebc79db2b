package dev.troupe.runtime.reward.instruction;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Instructions about words, letters and their numbers. */
final class WordInstructions {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_]+(?:['’-][\\p{L}\\p{N}_]+)*");
  private static final Pattern SENTENCE_END = Pattern.compile("[.!?]+[\"'”’)\\]]*(?=\\s|$)");
  private static final Pattern ABBREVIATION =
      Pattern.compile("(?:^|\\s)(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|e\\.g|i\\.e|[A-Z])$");

  static final Map<String, Function<Arguments, Predicate<String>>> KINDS =
      Map.ofEntries(
          Map.entry("keywords:existence", WordInstructions::existence),
          Map.entry("keywords:frequency", WordInstructions::frequency),
          Map.entry("keywords:forbidden_words", WordInstructions::forbidden),
          Map.entry("keywords:letter_frequency", WordInstructions::letters),
          Map.entry("length_constraints:number_words", WordInstructions::words),
          Map.entry("length_constraints:number_sentences", WordInstructions::sentences),
          Map.entry("change_case:capital_word_frequency", WordInstructions::capitals),
          Map.entry("change_case:english_capital", arguments -> WordInstructions::isUpper),
          Map.entry("change_case:english_lowercase", arguments -> WordInstructions::isLower),
          Map.entry("punctuation:no_comma", arguments -> text -> text.indexOf(',') < 0));

  private WordInstructions() {}

  private static Predicate<String> existence(Arguments arguments) {
    List<Pattern> words = arguments.texts("keywords").stream().map(WordInstructions::word).toList();
    return text -> words.stream().allMatch(word -> word.matcher(text).find());
  }

  private static Predicate<String> forbidden(Arguments arguments) {
    List<Pattern> words =
        arguments.texts("forbidden_words").stream().map(WordInstructions::word).toList();
    return text -> words.stream().noneMatch(word -> word.matcher(text).find());
  }

  private static Predicate<String> frequency(Arguments arguments) {
    Pattern word = word(arguments.text("keyword"));
    IntPredicate count = arguments.count("frequency", "relation");
    return text -> count.test(count(word, text));
  }

  private static Predicate<String> letters(Arguments arguments) {
    String letter = arguments.text("letter").toLowerCase(Locale.ROOT);
    IntPredicate count = arguments.count("let_frequency", "let_relation");
    return text ->
        count.test(count(Pattern.compile(Pattern.quote(letter)), text.toLowerCase(Locale.ROOT)));
  }

  private static Predicate<String> words(Arguments arguments) {
    IntPredicate count = arguments.count("num_words", "relation");
    return text -> count.test(count(WORD, text));
  }

  private static Predicate<String> sentences(Arguments arguments) {
    IntPredicate count = arguments.count("num_sentences", "relation");
    return text -> count.test(sentences(text));
  }

  private static Predicate<String> capitals(Arguments arguments) {
    IntPredicate count = arguments.count("capital_frequency", "capital_relation");
    return text -> {
      int capitals = 0;
      for (Matcher word = WORD.matcher(text); word.find(); ) {
        capitals += isUpper(word.group()) ? 1 : 0;
      }
      return count.test(capitals);
    };
  }

  /** Whether there is a letter, and none of them is small. */
  private static boolean isUpper(String text) {
    return text.chars().anyMatch(Character::isUpperCase)
        && text.chars().noneMatch(Character::isLowerCase);
  }

  private static boolean isLower(String text) {
    return text.chars().anyMatch(Character::isLowerCase)
        && text.chars().noneMatch(Character::isUpperCase);
  }

  /** Ends of sentences, and what stands behind the last one if it has words. */
  static int sentences(String text) {
    int sentences = 0;
    int begin = 0;
    for (Matcher end = SENTENCE_END.matcher(text); end.find(); ) {
      String sentence = text.substring(begin, end.start());
      if (ABBREVIATION.matcher(sentence).find() && text.charAt(end.start()) == '.') {
        continue;
      }
      sentences += WORD.matcher(sentence).find() ? 1 : 0;
      begin = end.end();
    }
    return sentences + (WORD.matcher(text.substring(begin)).find() ? 1 : 0);
  }

  /** A word or phrase in large or small letters; not as a part of a longer word. */
  private static Pattern word(String word) {
    return Pattern.compile(
        "(?<![\\p{L}\\p{N}_])" + Pattern.quote(word) + "(?![\\p{L}\\p{N}_])",
        Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }

  static int count(Pattern pattern, String text) {
    return (int) pattern.matcher(text).results().count();
  }
}
