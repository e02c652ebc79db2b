package dev.troupe.runtime.environment;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program that talks to the policy over an OpenAI-compatible endpoint and knows nothing of
 * training.
 *
 * @param command its command line: templates with {@code prompt} and the fields of the example
 */
public record AgentProgram(List<PromptTemplate> command) {
  /** The name of this kind of environment. */
  static final String KIND = "agent";

  /** Copies the list. */
  public AgentProgram {
    command = List.copyOf(command);
  }

  static AgentProgram read(Checked environment) {
    List<String> words = environment.texts("command");
    if (environment.isSound("command") && words.isEmpty()) {
      environment.refuse("command", "names no program", "write a list of at least one word");
    }
    try {
      return new AgentProgram(words.stream().map(PromptTemplate::parse).toList());
    } catch (IllegalArgumentException e) {
      environment.refuse("command", "cannot be used", e.getMessage());
      return new AgentProgram(List.of());
    }
  }

  /**
   * The command line for an example.
   *
   * @throws IllegalArgumentException if a template names a field that the example lacks
   */
  public List<String> words(Example example) {
    Map<String, String> values = new HashMap<>(example.fields());
    values.put("prompt", example.prompt());
    return command.stream().map(word -> word.render(values)).toList();
  }
}
