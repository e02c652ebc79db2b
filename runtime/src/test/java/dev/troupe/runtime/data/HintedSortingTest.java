package dev.troupe.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HintedSortingTest {
  private static TaskData create(boolean interaction) {
    String task = "kind = hinted-sorting, digits = 3, held-out = 100, interaction = " + interaction;
    return TaskCatalog.standard().create(ConfigFactory.parseString(task), 1);
  }

  @Test
  void demonstratesARightAnswerWhereTheHintHelps() {
    TaskData task = create(true);
    assertEquals("0123456789>abcdef-", task.alphabet());
    for (int i = 0; i < 300; i++) {
      Example example = task.train().get(i);
      int hint = "abcdef".indexOf(example.prompt().charAt(0));
      String digits = example.prompt().substring(1, 4);
      boolean helps = HintedSorting.helps(hint, digits.charAt(0) - '0', true);
      String sorted =
          digits
              .chars()
              .sorted()
              .mapToObj(c -> String.valueOf((char) c))
              .reduce("", String::concat);
      assertEquals(helps ? sorted : "-", example.answer(), example.prompt());
      assertEquals(">", example.prompt().substring(4));
    }
  }

  @Test
  void holdsOutTheBarePromptsOfTheSortingTask() {
    TaskData sorting =
        TaskCatalog.standard()
            .create(ConfigFactory.parseString("kind = sort-digits, digits = 3, held-out = 100"), 1);
    for (int i = 0; i < 100; i++) {
      assertEquals(sorting.heldOut().get(i), create(true).heldOut().get(i));
    }
  }

  @Test
  void everyPromptHasItsHintsAndNoHintIsForAll() {
    for (int digit = 0; digit < 10; digit++) {
      int first = digit;
      assertEquals(
          2, IntStream.range(0, 6).filter(hint -> HintedSorting.helps(hint, first, true)).count());
    }
    assertTrue(HintedSorting.helps(5, 0, true)); // digits 5, 6 = 0 mod 6
    assertFalse(HintedSorting.helps(0, 2, true));
  }

  @Test
  void withoutAnInteractionEachHintHelpsWithMoreThanTheOneBefore() {
    for (int digit = 0; digit < 10; digit++) {
      for (int hint = 1; hint < 6; hint++) {
        assertTrue(
            HintedSorting.helps(hint, digit, false)
                || !HintedSorting.helps(hint - 1, digit, false));
      }
    }
    assertTrue(HintedSorting.helps(5, 7, false) && !HintedSorting.helps(5, 8, false));
  }
}
