package dev.troupe.runtime.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.settings.DataColumns;
import dev.troupe.runtime.settings.DataUse;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a row of a table is as an example or as a comparison, by the columns of its source. Every
 * refusal is an {@link IllegalArgumentException} that names the field.
 */
final class RowMeaning {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ANSWER = "answer";

  private final DataColumns columns;
  private final DataUse use;

  RowMeaning(DataColumns columns, DataUse use) {
    this.columns = columns;
    this.use = use;
  }

  /** The column that names rows, if there is one. */
  Optional<String> idColumn() {
    return columns.id();
  }

  /** The name of a row. */
  String id(RowTable.Row row) {
    return columns
        .id()
        .map(column -> FieldMapping.require(row.fields(), column))
        .orElseGet(() -> row.origin() + ":" + row.line());
  }

  /** The row as a prompt with its answer, where there is one. */
  Example example(RowTable.Row row) {
    Map<String, String> fields = row.fields();
    Optional<ChatText> chat = chat(fields);
    String prompt = chat.map(ChatText::prompt).orElseGet(() -> prompt(fields));
    Optional<String> answer =
        columns
            .answer()
            .map(template -> template.render(fields))
            .or(() -> chat.flatMap(ChatText::answer))
            .or(() -> Optional.ofNullable(fields.get(ANSWER)));
    if (use == DataUse.DEMONSTRATIONS && answer.isEmpty()) {
      throw new IllegalArgumentException(
          "the field \"%s\" does not end with a message of the assistant"
              .formatted(columns.messages().orElse(ANSWER)));
    }
    return new Example(id(row), prompt, answer.orElse(null), fields);
  }

  /** The row as a prompt with completions. */
  Comparison comparison(RowTable.Row row) {
    Map<String, String> fields = row.fields();
    Optional<ChatText> chat = chat(fields);
    var candidates = new ArrayList<Comparison.Candidate>();
    String context = null;
    if (columns.isPaired()) {
      ChatText better = side(columns.chosen().orElseThrow(), fields, "chosen");
      ChatText worse = side(columns.rejected().orElseThrow(), fields, "rejected");
      candidates.add(candidate(better.answer().orElseThrow(), 1));
      candidates.add(candidate(worse.answer().orElseThrow(), 0));
      // Where both are whole conversations, what they share before the last turn is the prompt.
      context = better.prompt();
    } else if (use == DataUse.LABELS) {
      candidates.add(labelled(fields, chat));
    } else {
      candidates.addAll(listed(fields));
    }
    String prompt =
        chat.map(ChatText::prompt)
            .orElse(context != null && !fields.containsKey("prompt") ? context : null);
    return new Comparison(id(row), prompt != null ? prompt : prompt(fields), candidates);
  }

  private Optional<ChatText> chat(Map<String, String> fields) {
    return columns
        .messages()
        .map(column -> ChatText.of(column, FieldMapping.require(fields, column), columns.turns()));
  }

  /** A prompt that is a list of messages, as some data sets have it, is rendered as chat. */
  private String prompt(Map<String, String> fields) {
    String text = columns.prompt().orElseThrow().render(fields);
    return ChatText.isChat(text) ? ChatText.of("prompt", text, columns.turns()).prompt() : text;
  }

  private ChatText side(PromptTemplate template, Map<String, String> fields, String key) {
    String text = template.render(fields);
    if (!ChatText.isChat(text)) {
      return new ChatText(null, Optional.of(text));
    }
    ChatText chat = ChatText.of(key, text, columns.turns());
    if (chat.answer().isEmpty()) {
      throw new IllegalArgumentException(
          "the field \"%s\" does not end with a message of the assistant".formatted(key));
    }
    return chat;
  }

  private List<Comparison.Candidate> listed(Map<String, String> fields) {
    String column = columns.ranking().or(columns::completions).orElseThrow();
    List<String> texts = texts(column, FieldMapping.require(fields, column));
    double[] rewards = new double[texts.size()];
    if (columns.rewards().isPresent()) {
      String name = columns.rewards().get();
      JsonNode values = list(name, FieldMapping.require(fields, name));
      if (values.size() != rewards.length) {
        throw new IllegalArgumentException(
            "the field \"%s\" has %d numbers for the %d texts of \"%s\""
                .formatted(name, values.size(), rewards.length, column));
      }
      for (int i = 0; i < rewards.length; i++) {
        if (!values.get(i).isNumber() || !Double.isFinite(values.get(i).doubleValue())) {
          throw new IllegalArgumentException(
              "the field \"%s\" holds %s, which is not a number".formatted(name, values.get(i)));
        }
        rewards[i] = values.get(i).doubleValue();
      }
    } else {
      for (int i = 0; i < rewards.length; i++) {
        rewards[i] = rewards.length - 1.0 - i; // the best first
      }
    }
    var candidates = new ArrayList<Comparison.Candidate>();
    for (int i = 0; i < rewards.length; i++) {
      candidates.add(candidate(texts.get(i), rewards[i]));
    }
    return candidates;
  }

  private Comparison.Candidate labelled(Map<String, String> fields, Optional<ChatText> chat) {
    String text =
        columns
            .completion()
            .map(template -> template.render(fields))
            .or(() -> chat.flatMap(ChatText::answer))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the field \"%s\" does not end with a message of the assistant"
                            .formatted(columns.messages().orElse("messages"))));
    var labels = new LinkedHashMap<String, Double>();
    double sum = 0;
    for (String label : columns.labels()) {
      double value = number(label, FieldMapping.require(fields, label));
      labels.put(label, value);
      sum += value;
    }
    return new Comparison.Candidate(text, sum, labels);
  }

  private static Comparison.Candidate candidate(String text, double reward) {
    return new Comparison.Candidate(text, reward, Map.of());
  }

  /** The number that a field is. */
  static double number(String field, String value) {
    try {
      double number = Double.parseDouble(value);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below, with the field
    }
    throw new IllegalArgumentException(
        "the field \"%s\" is \"%s\", which is not a number".formatted(field, value));
  }

  private static List<String> texts(String field, String value) {
    JsonNode list = list(field, value);
    var texts = new ArrayList<String>();
    for (JsonNode text : list) {
      if (!text.isTextual()) {
        throw new IllegalArgumentException(
            "the field \"%s\" holds %s, which is not a text".formatted(field, text));
      }
      texts.add(text.textValue());
    }
    if (texts.size() < 2) {
      throw new IllegalArgumentException(
          "the field \"%s\" has %d texts, and a comparison needs at least 2"
              .formatted(field, texts.size()));
    }
    return texts;
  }

  private static JsonNode list(String field, String value) {
    try {
      JsonNode list = JSON.readTree(value);
      if (list.isArray()) {
        return list;
      }
    } catch (JsonProcessingException e) {
      // said below, with the field
    }
    throw new IllegalArgumentException("the field \"%s\" is not a list".formatted(field));
  }
}
