package dev.troupe.runtime.settings;

/**
 * How the reference of a stage follows the policy.
 *
 * @param kind what becomes of the reference
 * @param every learner steps between two updates; 0 if fixed
 * @param rate share of the policy in the mix; 0 if fixed, 1 for a copy
 */
public record ReferenceUpdate(Kind kind, int every, double rate) {

  /** What becomes of the reference. */
  public enum Kind {
    /** It stays what it was. */
    FIXED,
    /** The first reference and the policy, mixed anew: (1 - rate) first + rate policy. */
    SOUP,
    /** The present reference and the policy, mixed: (1 - rate) present + rate policy. */
    EMA,
    /** The policy. */
    COPY
  }

  static ReferenceUpdate from(Checked c) {
    Kind kind = c.choice("kind", Kind.class);
    if (kind == null) {
      c.ignoreRest();
      return new ReferenceUpdate(Kind.FIXED, 0, 0);
    }
    if (kind == Kind.FIXED) {
      c.refuseBeside("every", "kind");
      c.refuseBeside("rate", "kind");
      return new ReferenceUpdate(kind, 0, 0);
    }
    int every = c.integer("every", 1, 1_000_000);
    if (kind == Kind.COPY) {
      c.refuseBeside("rate", "kind");
      return new ReferenceUpdate(kind, every, 1);
    }
    return new ReferenceUpdate(kind, every, c.decimal("rate", 0.0, 1.0));
  }
}
