/**
 * Equality of mathematical answers as people and models write them: numbers in all notations,
 * LaTeX, fractions, percents, units, tuples, and simple algebraic expressions.
 */
package dev.troupe.runtime.reward.maths;
