package dev.troupe.runtime.reward;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * 1 if a regular expression is in the completion, or is all of it, else 0. With a group whose text
 * is to be the answer, only a match with that text counts.
 */
public final class RegularExpression implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "regex";

  private final Pattern pattern;
  private final boolean whole;
  private final Optional<Integer> group;
  private final Optional<String> field;
  private final StepLimit limit;

  private RegularExpression(
      Pattern pattern,
      boolean whole,
      Optional<Integer> group,
      Optional<String> field,
      StepLimit limit) {
    this.pattern = pattern;
    this.whole = whole;
    this.group = group;
    this.field = field;
    this.limit = limit;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    Pattern pattern = reward.parsed("pattern", Pattern::compile);
    boolean whole = reward.bool("whole");
    Optional<Integer> group = reward.optional("group", key -> reward.integer(key, 0, 99));
    Optional<String> field = reward.optional("field", reward::text);
    var limit = new StepLimit(reward.integer("steps", 1, Integer.MAX_VALUE));
    if (pattern != null
        && reward.isSound("group")
        && group.orElse(0) > pattern.matcher("").groupCount()) {
      reward.refuse("group", "is not a group of the pattern", "number its brackets from 1");
    }
    if (group.isEmpty() && reward.has("field")) {
      reward.refuse("field", "has no effect without group", "set group, or remove it");
    }
    return () -> new RegularExpression(pattern, whole, group, field, limit);
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
   * @throws IllegalStateException if the example lacks the text that the group should have, or the
   *     expression takes too many steps on this completion
   */
  @Override
  public double score(Example example, String completion) {
    Matcher matcher = pattern.matcher(limit.watch(completion));
    if (group.isEmpty()) {
      return (whole ? matcher.matches() : matcher.find()) ? 1 : 0;
    }
    String wanted = Fields.wanted(example, field).strip();
    if (whole) {
      return matcher.matches() && isWanted(matcher, wanted) ? 1 : 0;
    }
    while (matcher.find()) {
      if (isWanted(matcher, wanted)) {
        return 1;
      }
    }
    return 0;
  }

  private boolean isWanted(Matcher matcher, String wanted) {
    String found = matcher.group(group.orElseThrow());
    return found != null && found.strip().equals(wanted);
  }

  /**
   * A bound on the work of one match: an expression such as {@code (a+)+b} needs exponential time
   * on some texts, and nothing else ends it.
   *
   * @param steps characters that a match may look at
   */
  record StepLimit(int steps) {

    CharSequence watch(String text) {
      return new Watched(text, new int[] {steps});
    }

    private record Watched(String text, int[] left) implements CharSequence {
      @Override
      public int length() {
        return text.length();
      }

      @Override
      public char charAt(int index) {
        if (--left[0] < 0) {
          throw new IllegalStateException(
              "the regular expression took too many steps on a completion of %d characters"
                  .formatted(text.length()));
        }
        return text.charAt(index);
      }

      @Override
      public CharSequence subSequence(int start, int end) {
        return text.substring(start, end);
      }

      @Override
      public String toString() {
        return text;
      }
    }
  }
}
