package dev.troupe.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a benchmark found.
 *
 * @param title what was done, one line
 * @param circumstances that figures depend on, such as the size of a transfer
 * @param figures by name, with the unit in it
 * @param goals what was wanted of them
 */
record GoalReport(
    String title,
    Map<String, Object> circumstances,
    Map<String, Double> figures,
    List<Goal> goals) {
  /** Figures below this are shown with decimals. */
  private static final double SMALL = 10;

  /** For people. */
  String text() {
    var text = new StringBuilder(title).append("\n\n");
    figures.forEach(
        (name, value) ->
            text.append(String.format(Locale.ROOT, "  %-44s %s%n", name, number(value))));
    text.append("\nGoals\n");
    for (Goal goal : goals) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-44s %s  wanted %s %s  %s%n",
              goal.name(),
              number(goal.figure()),
              goal.isAtMost() ? "at most" : "at least",
              number(goal.wanted()),
              goal.isMet() ? "met" : "NOT MET"));
    }
    return text.toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < SMALL ? "%.3f" : "%,.0f", value);
  }

  /** For programs. */
  String json() {
    var root = new LinkedHashMap<String, Object>(circumstances);
    root.put("figures", figures);
    root.put("goals", goals);
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the report does not become JSON", e);
    }
  }
}
