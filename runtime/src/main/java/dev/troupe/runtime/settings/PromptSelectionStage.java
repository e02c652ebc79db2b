package dev.troupe.runtime.settings;

import java.util.HashSet;
import java.util.List;

/**
 * Choosing for each query how to ask, from logs of how well each way of asking did on others. The
 * weights stay as they are.
 *
 * @param name name of the stage
 * @param from stage whose weights answer, or {@code model}
 * @param templates the ways of asking, at least two; each holds {@link #QUERY} once
 * @param queries held-out prompts of the task of which the logs are made
 * @param heldOutShare share of these queries that the choice is judged by, which is not learnt from
 * @param samples answers of each query to each template
 * @param temperature at which they are sampled; 0 = greedy
 * @param maxTokens longest answer, tokens
 * @param features most features of a query
 * @param ridge pull of the predictor's weights to 0
 */
public record PromptSelectionStage(
    String name,
    String from,
    List<String> templates,
    int queries,
    double heldOutShare,
    int samples,
    double temperature,
    int maxTokens,
    int features,
    double ridge)
    implements StageSettings {
  /** Stands in a template for the prompt of the task. */
  public static final String QUERY = "{prompt}";

  /** Copies the list. */
  public PromptSelectionStage {
    templates = List.copyOf(templates);
  }

  static PromptSelectionStage from(Checked c, String name, Lineage lineage) {
    int samples = c.integer("samples", 1, 1024);
    double temperature = c.decimal("temperature", 0.0, 10.0);
    if (c.isSound("samples", "temperature") && samples > 1 && temperature == 0) {
      c.clash(
          "samples",
          "would be the same text each time when " + c.quote("temperature"),
          "choose 1 sample or a temperature above 0");
    }
    return new PromptSelectionStage(
        name,
        lineage.weights(c, "from"),
        templates(c),
        c.integer("queries", 2, 10_000_000),
        c.decimal("held-out-share", 0.01, 0.99),
        samples,
        temperature,
        lineage.maxTokens(c),
        c.integer("features", 1, 1000),
        c.decimal("ridge", 1e-9, 1e3));
  }

  private static List<String> templates(Checked c) {
    List<String> templates = c.texts("templates");
    if (!c.isSound("templates")) {
      return templates;
    }
    for (String template : templates) {
      int at = template.indexOf(QUERY);
      if (at < 0 || template.indexOf(QUERY, at + 1) >= 0) {
        c.refuse("templates", "holds \"" + template + "\", in which " + QUERY + " is not once");
        return templates;
      }
    }
    if (templates.size() < 2 || new HashSet<>(templates).size() < templates.size()) {
      c.refuse("templates", "must be two or more different texts");
    }
    return templates;
  }

  @Override
  public String kind() {
    return "prompt-selection";
  }

  @Override
  public boolean isRewarded() {
    return true;
  }

  @Override
  public List<String> inputs() {
    return List.of(from);
  }
}
