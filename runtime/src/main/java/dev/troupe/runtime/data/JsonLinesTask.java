package dev.troupe.runtime.data;

import com.typesafe.config.Config;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.nio.file.Path;
import java.util.Optional;

/** Examples of any JSON lines file, their prompts and answers made by templates. */
public final class JsonLinesTask {
  /** The name of this kind of task. */
  public static final String KIND = "json-lines";

  private JsonLinesTask() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static TaskData create(Config task, long seed) {
    var section = new Section("task " + KIND, task);
    section.accept("kind");
    Path path = section.file("path");
    int heldOut = (int) section.integer("held-out", 0, Integer.MAX_VALUE);
    int trainLimit = (int) section.integer("train-limit", 1, Integer.MAX_VALUE);
    PromptTemplate prompt = section.template("template");
    Optional<PromptTemplate> answer = section.parsed("answer", PromptTemplate::parse);
    Optional<String> idField = section.optionalText("id-field");
    return section.make(
        () ->
            HeldOut.split(
                KIND,
                JsonLines.read(path, new FieldMapping(prompt, answer, idField)),
                heldOut,
                trainLimit,
                ""));
  }
}
