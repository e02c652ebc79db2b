package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.text.Normalizer;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * 1 if a part of the completion is the answer once both are written plainly, else 0. Which
 * differences do not count is said by {@code ignore}: the usual four are those of SQuAD's measure
 * (Rajpurkar et al. 2016).
 */
public final class NormalisedMatch implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "normalised-match";

  private static final Pattern PUNCTUATION = Pattern.compile("[\\p{P}\\p{S}]+");
  private static final Pattern ARTICLES =
      Pattern.compile("\\b(?:a|an|the)\\b", Pattern.CASE_INSENSITIVE);
  private static final Pattern ACCENTS = Pattern.compile("\\p{M}+");
  private static final Pattern SPACES = Pattern.compile("\\s+");

  private final Set<Difference> ignored;
  private final Optional<String> field;
  private final Optional<String> separator;
  private final TextPart part;

  /** A difference that does not count. */
  public enum Difference {
    /** Of large and small letters. */
    CASE,
    /** Of marks and signs. */
    PUNCTUATION,
    /** Of a, an and the. */
    ARTICLES,
    /** Of marks on letters. */
    ACCENTS,
    /** Of how much white space there is. */
    SPACES
  }

  private NormalisedMatch(
      Set<Difference> ignored, Optional<String> field, Optional<String> separator, TextPart part) {
    this.ignored = ignored;
    this.field = field;
    this.separator = separator;
    this.part = part;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    Set<Difference> ignored = EnumSet.noneOf(Difference.class);
    List<String> names =
        List.of(Difference.values()).stream()
            .map(it -> it.name().toLowerCase(Locale.ROOT))
            .toList();
    for (String name : reward.texts("ignore")) {
      if (names.contains(name)) {
        ignored.add(Difference.values()[names.indexOf(name)]);
      } else {
        reward.refuse(
            "ignore", "holds \"" + name + "\"", "choose among " + String.join(", ", names));
      }
    }
    Optional<String> field = reward.optional("field", reward::text);
    Optional<String> separator = reward.optional("separator", reward::text);
    TextPart part = TextPart.read(reward);
    return () -> new NormalisedMatch(ignored, field, separator, part);
  }

  @Override
  public String name() {
    return KIND;
  }

  @Override
  public boolean isVerifiable() {
    return true;
  }

  /**
   * @throws IllegalStateException if the example has no such field or no answer
   */
  @Override
  public double score(Example example, String completion) {
    String wanted = Fields.wanted(example, field);
    String written = plain(part.of(completion));
    List<String> right =
        separator.map(it -> List.of(wanted.split(Pattern.quote(it), -1))).orElse(List.of(wanted));
    return right.stream().map(this::plain).anyMatch(written::equals) ? 1 : 0;
  }

  private String plain(String text) {
    String plain = text;
    if (ignored.contains(Difference.ACCENTS)) {
      plain = ACCENTS.matcher(Normalizer.normalize(plain, Normalizer.Form.NFD)).replaceAll("");
    }
    plain = Normalizer.normalize(plain, Normalizer.Form.NFC);
    if (ignored.contains(Difference.CASE)) {
      plain = plain.toLowerCase(Locale.ROOT);
    }
    if (ignored.contains(Difference.PUNCTUATION)) {
      plain = PUNCTUATION.matcher(plain).replaceAll("");
    }
    if (ignored.contains(Difference.ARTICLES)) {
      plain = ARTICLES.matcher(plain).replaceAll(" ");
    }
    if (ignored.contains(Difference.SPACES)) {
      plain = SPACES.matcher(plain).replaceAll(" ");
    }
    return plain.strip();
  }
}
