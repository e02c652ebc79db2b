package dev.troupe.actors.console;

import java.util.ArrayList;
import java.util.List;

/**
 * The little of a terminal that the live view uses: wraps, and obeys its four control sequences.
 */
final class Screen {
  private final int columns;
  private final List<StringBuilder> rows = new ArrayList<>(List.of(new StringBuilder()));
  private int row;
  private int column;

  Screen(int columns) {
    this.columns = columns;
  }

  /** What stands on the screen, without blanks at line ends. */
  String text() {
    List<String> lines = rows.stream().map(line -> line.toString().stripTrailing()).toList();
    return String.join("\n", lines);
  }

  Screen write(String output) {
    for (int i = 0; i < output.length(); i++) {
      char c = output.charAt(i);
      if (c == '\u001b') {
        int end = i + 2;
        while (!Character.isLetter(output.charAt(end))) {
          end++;
        }
        control(output.substring(i + 2, end), output.charAt(end));
        i = end;
      } else if (c == '\n') {
        down();
      } else if (c == '\r') {
        column = 0;
      } else {
        put(c);
      }
    }
    return this;
  }

  private void control(String argument, char command) {
    switch (command) {
      case 'A' -> row = Math.max(0, row - Integer.parseInt(argument));
      case 'K' -> rows.get(row).setLength(Math.min(column, rows.get(row).length()));
      case 'J' -> {
        rows.get(row).setLength(Math.min(column, rows.get(row).length()));
        rows.subList(row + 1, rows.size()).clear();
      }
      case 'm' -> {} // Colour takes no room.
      default -> throw new AssertionError("unexpected control sequence " + argument + command);
    }
  }

  private void put(char c) {
    if (column == columns) {
      down();
    }
    StringBuilder line = rows.get(row);
    while (line.length() <= column) {
      line.append(' ');
    }
    line.setCharAt(column++, c);
  }

  private void down() {
    column = 0;
    row++;
    if (row == rows.size()) {
      rows.add(new StringBuilder());
    }
  }
}
