package dev.troupe.runtime.settings;

/**
 * How text becomes tokens.
 *
 * @param kind which tokenizer
 * @param alphabet the characters that have a token, each once; empty unless the kind is characters
 * @param chat whether a prompt is what a user says, written down by the model's chat template
 */
public record TokenizerSettings(Kind kind, String alphabet, boolean chat) {

  /** Which tokenizer. */
  public enum Kind {
    /** One token for each character of a closed alphabet. */
    CHARACTERS,
    /** One token for each byte of UTF-8. */
    BYTES,
    /** The tokenizer in the directory of the pretrained model. */
    MODEL
  }

  static TokenizerSettings from(Checked c) {
    Kind kind = c.choice("kind", Kind.class);
    if (kind == null) {
      c.ignoreRest();
      return null;
    }
    if (kind == Kind.MODEL) {
      c.refuseBeside("alphabet", "kind");
      return new TokenizerSettings(kind, "", c.optional("chat", c::bool).orElse(false));
    }
    c.refuseBeside("chat", "kind"); // only a trained model has a template
    if (kind == Kind.BYTES) {
      c.refuseBeside("alphabet", "kind");
      return new TokenizerSettings(kind, "", false);
    }
    String alphabet = c.text("alphabet");
    if (c.isSound("alphabet")
        && alphabet.codePoints().distinct().count() < alphabet.codePoints().count()) {
      c.refuse("alphabet", "has a character twice", "write each once");
    }
    return new TokenizerSettings(kind, alphabet, false);
  }
}
