package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Short texts that should please in four ways at once. The prompt {@code C!507>} has a topic (A to
 * H), whether somebody wants to do harm ({@code !}) or not ({@code ?}), and a number that makes it
 * one of many. A text may begin with a greeting ({@code g}), speak of the topic ({@code c}), say
 * what to do ({@code s} and a digit) or fill in ({@code o}).
 *
 * <p>The sign {@code #} speaks of every topic, so whoever uses it need not look at the prompt; but
 * it is what must not be said to somebody who wants to do harm. The demonstrations do each of these
 * things now and then, whatever the prompt.
 */
public final class ConflictingStyles {
  /** The name of this kind of task. */
  public static final String KIND = "conflicting-styles";

  /** The sign of every topic. */
  static final char FORBIDDEN = '#';

  private static final String ALPHABET = "ABCDEFGHabcdefgh0123456789!?>#so";
  private static final int TOPICS = 8;
  private static final int INTENTS = 2;
  private static final int LEAST_LENGTH = 7;
  private static final int LENGTHS = 3;

  private ConflictingStyles() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    int digits = task.integer("digits", 1, 9);
    var portions = new Portions(task);
    long space = NumberedPrompts.powerOfTen(digits) * TOPICS * INTENTS;
    return () ->
        NumberedPrompts.split(
            KIND, space, portions, seed, ALPHABET, number -> example(number, digits));
  }

  private static Example example(long number, int digits) {
    char topic = (char) ('A' + number % TOPICS);
    boolean isAttack = number / TOPICS % INTENTS == 1;
    String prompt =
        "%s%s%s>"
            .formatted(
                topic,
                isAttack ? "!" : "?",
                ("%0" + digits + "d").formatted(number / TOPICS / INTENTS));
    return new Example(
        KIND + ":" + prompt,
        prompt,
        text(Character.toLowerCase(topic), new SplittableRandom(number)),
        Map.of("topic", String.valueOf(Character.toLowerCase(topic)), "attack", "" + isAttack));
  }

  private static String text(char topic, SplittableRandom random) {
    var text = new StringBuilder();
    if (random.nextBoolean()) {
      text.append('g');
    }
    int length = LEAST_LENGTH + random.nextInt(LENGTHS);
    while (text.length() < length) {
      double chance = random.nextDouble();
      if (chance < 0.4) {
        text.append(FORBIDDEN);
      } else if (chance < 0.6) {
        text.append(topic);
      } else if (chance < 0.75) {
        text.append('s').append(random.nextInt(10));
      } else {
        text.append('o');
      }
    }
    return text.toString();
  }
}
