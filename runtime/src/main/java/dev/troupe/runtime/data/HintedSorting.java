package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Sorting digits behind a hint, a letter that helps with some prompts only: a task in which the
 * best way of asking is known. The training part demonstrates that {@code b305194>} is followed by
 * {@code 013459} where the hint b helps, and by {@code -} where it does not. The held-out part has
 * the bare prompts, {@code 305194>}, with their right answers, for who finds out how to ask.
 */
public final class HintedSorting {
  /** The name of this kind of task. */
  public static final String KIND = "hinted-sorting";

  private static final String HINTS = "abcdef";
  private static final String HELPLESS = "-";

  /** How many of the six classes of prompts a hint helps with. */
  private static final int HELPED = 2;

  private HintedSorting() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    boolean interacts = task.bool("interaction");
    Supplier<TaskData> sorting = SortDigits.read(task, seed);
    return () -> {
      TaskData bare = sorting.get();
      return new TaskData(
          KIND,
          new Hinted(bare.train(), interacts),
          bare.heldOut(),
          bare.alphabet() + HINTS + HELPLESS);
    };
  }

  /**
   * Whether a hint helps, which the first digit of the prompt decides. With an interaction each
   * hint helps with digits of its own; without one each helps with what the one before helps with,
   * and more.
   */
  static boolean helps(int hint, int firstDigit, boolean interacts) {
    return interacts
        ? Math.floorMod(firstDigit - hint, HINTS.length()) < HELPED
        : firstDigit < hint + HELPED + 1;
  }

  private record Hinted(PromptSource bare, boolean interacts) implements PromptSource {
    @Override
    public int size() {
      return bare.size();
    }

    @Override
    public Example get(int index) {
      Example example = bare.get(index);
      int hint = index % HINTS.length();
      char letter = HINTS.charAt(hint);
      boolean helps = helps(hint, example.prompt().charAt(0) - '0', interacts);
      return new Example(
          example.id() + ":" + letter,
          letter + example.prompt(),
          helps ? example.answer() : HELPLESS,
          Map.of("hint", String.valueOf(letter)));
    }
  }
}
