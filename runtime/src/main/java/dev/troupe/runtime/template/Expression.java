package dev.troupe.runtime.template;

/** Something with a value, which depends on the names around it. */
@FunctionalInterface
interface Expression {
  Object evaluate(Scope scope);
}
