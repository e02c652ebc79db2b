package dev.troupe.runtime.settings;

import dev.troupe.runtime.tokenizer.PromptTemplate;

/**
 * How chat messages become one text.
 *
 * @param system template of what the system says, with the field {@code content}
 * @param user the same of the user
 * @param assistant the same of the assistant, where it is not the last to speak
 * @param tool the same of a tool
 * @param open what stands before the answer that the model is to write
 */
public record ChatTurns(
    PromptTemplate system,
    PromptTemplate user,
    PromptTemplate assistant,
    PromptTemplate tool,
    String open) {

  static ChatTurns from(Checked c) {
    return new ChatTurns(
        c.parsed("system", PromptTemplate::parse),
        c.parsed("user", PromptTemplate::parse),
        c.parsed("assistant", PromptTemplate::parse),
        c.parsed("tool", PromptTemplate::parse),
        c.text("open"));
  }
}
