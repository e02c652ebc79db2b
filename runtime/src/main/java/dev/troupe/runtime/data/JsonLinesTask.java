package dev.troupe.runtime.data;

import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** Examples of any JSON lines file, their prompts and answers made by templates. */
public final class JsonLinesTask {
  /** The name of this kind of task. */
  public static final String KIND = "json-lines";

  private JsonLinesTask() {}

  /** The {@link TaskFactory} of this kind; for its keys see {@code task-defaults.conf}. */
  public static Supplier<TaskData> read(Checked task, long seed) {
    Path path = task.file("path");
    var portions = new Portions(task);
    PromptTemplate prompt = task.parsed("template", PromptTemplate::parse);
    Optional<PromptTemplate> answer =
        task.optional("answer", key -> task.parsed(key, PromptTemplate::parse));
    Optional<String> idField = task.optional("id-field", task::text);
    return () ->
        HeldOut.split(
            KIND, JsonLines.read(path, new FieldMapping(prompt, answer, idField)), portions);
  }
}
