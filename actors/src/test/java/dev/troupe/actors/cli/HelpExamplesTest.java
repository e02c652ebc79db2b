package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every example of the help is a command line that the program understands. */
class HelpExamplesTest {
  /** An example, and what is said of it after a wide gap. */
  private static final Pattern EXAMPLE =
      Pattern.compile("\\s+(?:\\./)?troupe (\\S.*?)(?:\\s{2,}.*)?");

  private static final Pattern WORD = Pattern.compile("'([^']*)'|\\S+");

  /** What the launcher does itself, without the command line. */
  private static final Set<String> LAUNCHER = Set.of("bench", "test");

  static Stream<String> examples() {
    CommandLine all = Main.commandLine();
    return Stream.concat(Stream.of(all), all.getSubcommands().values().stream())
        .flatMap(command -> commands(command.getCommandSpec().usageMessage().footer()).stream())
        .distinct()
        .filter(example -> !LAUNCHER.contains(example.split(" ")[0]));
  }

  /** Lines that end in a backslash go on. */
  private static List<String> commands(String[] footer) {
    var commands = new ArrayList<String>();
    String begun = "";
    for (String line : footer) {
      String whole = begun.isEmpty() ? line : begun + line.strip();
      begun = whole.endsWith("\\") ? whole.substring(0, whole.length() - 1) : "";
      Matcher example = EXAMPLE.matcher(whole);
      if (begun.isEmpty() && example.matches()) {
        commands.add(example.group(1));
      }
    }
    return commands;
  }

  /** As a shell cuts it, up to where its output goes. */
  private static String[] words(String example) {
    return WORD.matcher(example)
        .results()
        .map(word -> word.group(1) == null ? word.group() : word.group(1))
        .takeWhile(word -> !word.equals(">"))
        .toArray(String[]::new);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void isUnderstood(String example) {
    assertDoesNotThrow(() -> Main.commandLine().parseArgs(words(example)));
  }

  @Test
  void everyCommandHasOne() {
    Main.commandLine()
        .getSubcommands()
        .forEach(
            (name, command) -> {
              String[] footer = command.getCommandSpec().usageMessage().footer();
              boolean teaches =
                  name.equals("help") || Arrays.stream(footer).anyMatch(it -> it.contains(name));
              assertFalse(!teaches, name + " has no example");
            });
  }
}
