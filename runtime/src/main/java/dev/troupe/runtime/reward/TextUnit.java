package dev.troupe.runtime.reward;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What texts are counted in. */
enum TextUnit {
  /** Characters, as people count them in most scripts: code points. */
  CHARACTERS {
    @Override
    List<String> of(String text) {
      return text.codePoints().mapToObj(Character::toString).toList();
    }
  },
  /** Words: letters and digits in a row, an apostrophe or hyphen inside included. */
  WORDS {
    @Override
    List<String> of(String text) {
      var words = new ArrayList<String>();
      for (Matcher word = WORD.matcher(text); word.find(); ) {
        words.add(word.group());
      }
      return words;
    }
  },
  /** Sentences, by the rules of Unicode for English. */
  SENTENCES {
    @Override
    List<String> of(String text) {
      var sentences = new ArrayList<String>();
      BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ENGLISH);
      breaks.setText(text);
      int begin = breaks.first();
      for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
        String sentence = text.substring(begin, end);
        if (WORD.matcher(sentence).find()) {
          sentences.add(sentence.strip());
        }
        begin = end;
      }
      return sentences;
    }
  },
  /** Paragraphs, with an empty line between them. */
  PARAGRAPHS {
    @Override
    List<String> of(String text) {
      return Arrays.stream(text.split("\\R\\s*\\R"))
          .map(String::strip)
          .filter(paragraph -> !paragraph.isEmpty())
          .toList();
    }
  };

  private static final Pattern WORD =
      Pattern.compile("[\\p{L}\\p{M}\\p{N}]+(?:['’-][\\p{L}\\p{N}]+)*");

  /** The parts of a text, in order. */
  abstract List<String> of(String text);
}
