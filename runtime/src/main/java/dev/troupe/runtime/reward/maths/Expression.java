package dev.troupe.runtime.reward.maths;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/**
 * A term with variables. Its value is exact as long as it is rational and of a reasonable size, and
 * else a double.
 */
sealed interface Expression {
  /** Exact values are given up beyond this many binary digits. */
  int MOST_BITS = 20_000;

  /** Largest exponent that is computed exactly. */
  int MOST_EXPONENT = 1000;

  /** The exact value; empty if it is irrational, too large, or not defined. */
  Optional<Fraction> exact(Map<String, Fraction> variables);

  /** The value; NaN if it is not defined. */
  double approximate(Map<String, Fraction> variables);

  /** Adds the names of the variables. */
  void variables(Set<String> names);

  /** A number. */
  record Number(Fraction value) implements Expression {
    @Override
    public Optional<Fraction> exact(Map<String, Fraction> variables) {
      return Optional.of(value);
    }

    @Override
    public double approximate(Map<String, Fraction> variables) {
      return value.toDouble();
    }

    @Override
    public void variables(Set<String> names) {}
  }

  /** A number that is no fraction. */
  record Constant(double value) implements Expression {
    @Override
    public Optional<Fraction> exact(Map<String, Fraction> variables) {
      return Optional.empty();
    }

    @Override
    public double approximate(Map<String, Fraction> variables) {
      return value;
    }

    @Override
    public void variables(Set<String> names) {}
  }

  /** A variable. */
  record Variable(String name) implements Expression {
    @Override
    public Optional<Fraction> exact(Map<String, Fraction> variables) {
      return Optional.of(variables.get(name));
    }

    @Override
    public double approximate(Map<String, Fraction> variables) {
      return variables.get(name).toDouble();
    }

    @Override
    public void variables(Set<String> names) {
      names.add(name);
    }
  }

  /** The sum of two. */
  record Sum(Expression left, Expression right) implements Expression {
    @Override
    public Optional<Fraction> exact(Map<String, Fraction> variables) {
      return left.exact(variables)
          .flatMap(a -> right.exact(variables).map(a::plus))
          .filter(sum -> sum.bits() <= MOST_BITS);
    }

    @Override
    public double approximate(Map<String, Fraction> variables) {
      return left.approximate(variables) + right.approximate(variables);
    }

    @Override
    public void variables(Set<String> names) {
      left.variables(names);
      right.variables(names);
    }
  }

  /** The product of two. */
  record Product(Expression left, Expression right) implements Expression {
    @Override
    public Optional<Fraction> exact(Map<String, Fraction> variables) {
      return left.exact(variables)
          .flatMap(a -> right.exact(variables).map(a::times))
          .filter(product -> product.bits() <= MOST_BITS);
    }

    @Override
    public double approximate(Map<String, Fraction> variables) {
      return left.approximate(variables) * right.approximate(variables);
    }

    @Override
    public void variables(Set<String> names) {
      left.variables(names);
      right.variables(names);
    }
  }

  /** One power another. */
  record Power(Expression base, Expression exponent) implements Expression {
    @Override
    public Optional<Fraction> exact(Map<String, Fraction> variables) {
      Optional<Fraction> b = base.exact(variables);
      Optional<Fraction> e = exponent.exact(variables);
      if (b.isEmpty() || e.isEmpty() || !e.get().isWhole() || e.get().bits() > 31) {
        return Optional.empty();
      }
      int power = e.get().numerator().intValueExact();
      boolean tooLarge =
          Math.abs(power) > MOST_EXPONENT || (long) b.get().bits() * Math.abs(power) > MOST_BITS;
      if (tooLarge || b.get().isZero() && power <= 0) {
        return Optional.empty();
      }
      var raised =
          Fraction.of(
              b.get().numerator().pow(Math.abs(power)), b.get().denominator().pow(Math.abs(power)));
      return Optional.of(power < 0 ? raised.inverted() : raised);
    }

    @Override
    public double approximate(Map<String, Fraction> variables) {
      double b = base.approximate(variables);
      double e = exponent.approximate(variables);
      // Odd roots of negative numbers are real; 1/3 is not exactly a double.
      double root = 1 / e;
      if (b < 0 && e != Math.rint(e) && Math.abs(root - Math.rint(root)) < 1e-12) {
        return Math.rint(root) % 2 == 0 ? Double.NaN : -Math.pow(-b, e);
      }
      return Math.pow(b, e);
    }

    @Override
    public void variables(Set<String> names) {
      base.variables(names);
      exponent.variables(names);
    }
  }

  /** A function of one number. */
  record Function(DoubleUnaryOperator function, Expression argument) implements Expression {
    @Override
    public Optional<Fraction> exact(Map<String, Fraction> variables) {
      return Optional.empty();
    }

    @Override
    public double approximate(Map<String, Fraction> variables) {
      return function.applyAsDouble(argument.approximate(variables));
    }

    @Override
    public void variables(Set<String> names) {
      argument.variables(names);
    }
  }
}
