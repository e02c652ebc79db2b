package dev.troupe.runtime.settings;

import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.util.List;
import java.util.Optional;

/**
 * What the columns of a table mean. Texts are made by templates that may use every column; lists
 * are taken from one column.
 *
 * @param turns how chat messages become a text
 * @param id the column that names a row; empty = file and line do
 * @param prompt the prompt; empty where messages are it
 * @param messages the column with a list of chat messages, of which the last one is the answer if
 *     the assistant says it; empty = the prompt is a text
 * @param answer the answer or demonstration; empty = the column {@code answer} if there is one
 * @param chosen the better of two completions; empty if rows have lists of them
 * @param rejected the worse one
 * @param ranking the column with a list of completions, the best one first; empty for none
 * @param completions the column with a list of completions whose rewards stand in {@code rewards}
 * @param rewards the column with the list of rewards
 * @param completion the completion that the labels belong to; empty unless there are labels
 * @param labels the columns with what a completion is worth in each respect, as numbers
 */
public record DataColumns(
    ChatTurns turns,
    Optional<String> id,
    Optional<PromptTemplate> prompt,
    Optional<String> messages,
    Optional<PromptTemplate> answer,
    Optional<PromptTemplate> chosen,
    Optional<PromptTemplate> rejected,
    Optional<String> ranking,
    Optional<String> completions,
    Optional<String> rewards,
    Optional<PromptTemplate> completion,
    List<String> labels) {
  private static final PromptTemplate PROMPT = PromptTemplate.parse("{prompt}");
  private static final PromptTemplate ANSWER = PromptTemplate.parse("{answer}");
  private static final PromptTemplate CHOSEN = PromptTemplate.parse("{chosen}");
  private static final PromptTemplate REJECTED = PromptTemplate.parse("{rejected}");
  private static final PromptTemplate COMPLETION = PromptTemplate.parse("{completion}");

  /** Copies the list. */
  public DataColumns {
    labels = List.copyOf(labels);
  }

  /**
   * Reads the keys that rows of a use need.
   *
   * @param outer what a source inherits from the section around it; empty for that section itself
   */
  static DataColumns from(Checked c, DataUse use, ChatTurns turns, Optional<DataColumns> outer) {
    Optional<String> messages = column(c, "messages").or(() -> outer.flatMap(it -> it.messages));
    Optional<PromptTemplate> prompt = template(c, "prompt");
    if (c.has("messages") && c.has("prompt")) {
      c.clash("prompt", "stands beside " + c.quote("messages"), "keep one of the two");
    }
    if (prompt.isPresent() && !c.has("messages")) {
      messages = Optional.empty();
    }
    if (messages.isEmpty()) {
      prompt = prompt.or(() -> outer.flatMap(it -> it.prompt)).or(() -> Optional.of(PROMPT));
    }
    Optional<String> id = column(c, "id").or(() -> outer.flatMap(it -> it.id));
    DataColumns plain = prompts(turns, id, prompt, messages);
    return switch (use) {
      case PROMPTS -> plain.answered(c, outer, false);
      case DEMONSTRATIONS -> plain.answered(c, outer, true);
      case PREFERENCES -> plain.compared(c, outer);
      case LABELS -> plain.labelled(c, outer);
    };
  }

  private DataColumns answered(Checked c, Optional<DataColumns> outer, boolean required) {
    Optional<PromptTemplate> own = template(c, "answer").or(() -> outer.flatMap(it -> it.answer));
    return withAnswer(required && messages.isEmpty() ? own.or(() -> Optional.of(ANSWER)) : own);
  }

  private DataColumns compared(Checked c, Optional<DataColumns> outer) {
    Optional<String> ranked = column(c, "ranking");
    Optional<String> listed = column(c, "completions");
    boolean pairs = c.has("chosen") || c.has("rejected");
    if (ranked.isPresent() && c.has("completions")) {
      c.clash("ranking", "stands beside " + c.quote("completions"), "keep one of the two");
    }
    if (pairs && (ranked.isPresent() || listed.isPresent())) {
      String list = ranked.isPresent() ? "ranking" : "completions";
      c.clash(list, "stands beside chosen and rejected", "keep the pair or the list");
    }
    if (c.has("rewards") && !c.has("completions") && outer.isEmpty()) {
      c.refuse("rewards", "belongs to completions, which is not set", "set it, or use ranking");
    }
    if (!pairs && ranked.isEmpty() && listed.isEmpty() && outer.isPresent()) {
      DataColumns same = outer.get();
      return compared(same.chosen, same.rejected, same.ranking, same.completions, same.rewards);
    }
    Optional<PromptTemplate> chosen = template(c, "chosen");
    Optional<PromptTemplate> rejected = template(c, "rejected");
    if (ranked.isPresent() || listed.isPresent()) {
      return compared(
          Optional.empty(),
          Optional.empty(),
          ranked,
          listed,
          listed.map(it -> column(c, "rewards").orElse("rewards")));
    }
    return compared(
        chosen.or(() -> Optional.of(CHOSEN)),
        rejected.or(() -> Optional.of(REJECTED)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private DataColumns compared(
      Optional<PromptTemplate> better,
      Optional<PromptTemplate> worse,
      Optional<String> ranked,
      Optional<String> listed,
      Optional<String> worth) {
    return new DataColumns(
        turns,
        id,
        prompt,
        messages,
        answer,
        better,
        worse,
        ranked,
        listed,
        worth,
        completion,
        labels);
  }

  private DataColumns labelled(Checked c, Optional<DataColumns> outer) {
    Optional<PromptTemplate> own =
        template(c, "completion").or(() -> outer.flatMap(it -> it.completion));
    return withLabels(
        messages.isPresent() ? own : own.or(() -> Optional.of(COMPLETION)),
        outer.isPresent() ? outer.get().labels : labelNames(c));
  }

  private static DataColumns prompts(
      ChatTurns turns,
      Optional<String> id,
      Optional<PromptTemplate> prompt,
      Optional<String> messages) {
    return new DataColumns(
        turns,
        id,
        prompt,
        messages,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of());
  }

  private DataColumns withAnswer(Optional<PromptTemplate> text) {
    return new DataColumns(
        turns,
        id,
        prompt,
        messages,
        text,
        chosen,
        rejected,
        ranking,
        completions,
        rewards,
        completion,
        labels);
  }

  private DataColumns withLabels(Optional<PromptTemplate> text, List<String> names) {
    return new DataColumns(
        turns,
        id,
        prompt,
        messages,
        answer,
        chosen,
        rejected,
        ranking,
        completions,
        rewards,
        text,
        names);
  }

  private static List<String> labelNames(Checked c) {
    List<String> names = c.texts("labels");
    if (c.isSound("labels") && (names.isEmpty() || names.contains(""))) {
      c.refuse("labels", "must name at least one column", "such as [helpful, honest]");
    }
    if (c.isSound("labels") && names.stream().distinct().count() < names.size()) {
      c.refuse("labels", "names a column twice");
    }
    return names;
  }

  /** Whether rows have two completions each, the better one first. */
  public boolean isPaired() {
    return chosen.isPresent();
  }

  private static Optional<String> column(Checked c, String key) {
    return c.optional(key, c::text);
  }

  private static Optional<PromptTemplate> template(Checked c, String key) {
    return c.optional(key, k -> c.parsed(k, PromptTemplate::parse));
  }
}
