package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.DataException;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.data.TextLines;
import dev.troupe.runtime.settings.Checked;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How glad or sad the words of a completion are, by a list of weighted words.
 *
 * <p>With S the sum of the weights of all listed words, the score is S / (|S| + h), where h is the
 * setting {@code half-at}: between -1 and 1, nearly linear for a few words, half the bound at S =
 * h, and never flat. A word counts at most {@code repeat-limit} times, so that saying one word over
 * and over does not pay. The prompt is not scored.
 */
public final class WordListSentiment implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "word-list-sentiment";

  private static final String SHIPPED = "sentiment-words.tsv";
  private static final Pattern WORD = Pattern.compile("\\p{L}+(?:['’]\\p{L}+)*");

  private final Map<String, Integer> weights;
  private final double halfAt;
  private final int repeatLimit;

  private WordListSentiment(Map<String, Integer> weights, double halfAt, int repeatLimit) {
    this.weights = Map.copyOf(weights);
    this.halfAt = halfAt;
    this.repeatLimit = repeatLimit;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    double halfAt = reward.decimal("half-at", 0.001, 1e6);
    int repeatLimit = reward.integer("repeat-limit", 1, Integer.MAX_VALUE);
    Optional<Path> file = reward.optional("path", reward::file);
    return () ->
        new WordListSentiment(
            file.map(WordListSentiment::read).orElseGet(WordListSentiment::shipped),
            halfAt,
            repeatLimit);
  }

  @Override
  public String name() {
    return KIND;
  }

  /**
   * @return a number in (-1, 1); 0 if no word is listed
   */
  @Override
  public double score(Example example, String completion) {
    var count = new HashMap<String, Integer>();
    double sum = 0;
    for (Matcher words = WORD.matcher(completion.toLowerCase(Locale.ROOT)); words.find(); ) {
      Integer weight = weights.get(words.group());
      if (weight != null && count.merge(words.group(), 1, Integer::sum) <= repeatLimit) {
        sum += weight;
      }
    }
    return sum / (Math.abs(sum) + halfAt);
  }

  /** The words of the shipped list with their weights. */
  static Map<String, Integer> shipped() {
    return parse("the shipped " + SHIPPED, TextLines.shipped(WordListSentiment.class, SHIPPED));
  }

  private static Map<String, Integer> read(Path file) {
    return parse("word list " + file, TextLines.read(file));
  }

  /** Lines of word, tab, whole number. */
  private static Map<String, Integer> parse(String subject, List<TextLines.Line> lines) {
    var weights = new HashMap<String, Integer>();
    var problems = new ArrayList<String>();
    for (TextLines.Line line : lines) {
      String[] columns = line.text().split("\t", -1);
      if (columns.length != 2
          || !WORD.matcher(columns[0]).matches()
          || !columns[1].matches("-?[1-9]\\d{0,3}")) {
        problems.add(
            "line %d: \"%s\" is not a word, a tab and a whole number other than 0"
                .formatted(line.number(), line.text()));
      } else if (weights.put(columns[0].toLowerCase(Locale.ROOT), Integer.parseInt(columns[1]))
          != null) {
        problems.add(
            "line %d: the word \"%s\" is listed twice".formatted(line.number(), columns[0]));
      }
    }
    if (!problems.isEmpty()) {
      throw new DataException(subject, problems);
    }
    return weights;
  }
}
