package dev.troupe.actors.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.console.Style.Glyphs;
import dev.troupe.actors.console.StyledLine.Ink;
import org.junit.jupiter.api.Test;

class StyledLineTest {
  private static final Style PLAIN = new Style(false, Glyphs.UNICODE);
  private static final Style COLOUR = new Style(true, Glyphs.UNICODE);

  private static StyledLine line() {
    return new StyledLine().add("✓ ", Ink.GOOD).add("grpo", Ink.BOLD).add(" done");
  }

  @Test
  void coloursItsPiecesAndResetsAfterEach() {
    assertEquals("\u001b[32m✓ \u001b[0m\u001b[1mgrpo\u001b[0m done", line().encode(COLOUR));
  }

  @Test
  void leavesColoursOutWhereTheyAreNotWanted() {
    assertEquals("✓ grpo done", line().encode(PLAIN));
  }

  @Test
  void cutsToTheColumnsWithAnEllipsis() {
    assertEquals("✓ grpo done", line().encode(11, PLAIN));
    assertEquals("✓ grpo do…", line().encode(10, PLAIN));
    assertEquals("\u001b[32m✓ \u001b[0m\u001b[1mgr\u001b[0m…", line().encode(5, COLOUR));
  }

  @Test
  void countsColumnsAndNotCharacters() {
    assertEquals(4, StyledLine.width("演員"));
    assertEquals(1, StyledLine.width("e\u0301"));
    assertEquals(2, StyledLine.width("🎭"));
    // Five columns hold two wide signs and the ellipsis, not three.
    assertEquals("演員…", new StyledLine().add("演員劇團").encode(5, PLAIN));
  }

  @Test
  void takesTheTeethOutOfForeignText() {
    assertEquals(
        "a b[2J1Ac",
        new StyledLine().add("a\nb\u001b[2J\u0007\u202e\u009b1A\u2028c").encode(PLAIN));
  }
}
