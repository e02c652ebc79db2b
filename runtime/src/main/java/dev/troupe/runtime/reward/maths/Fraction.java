package dev.troupe.runtime.reward.maths;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * An exact rational number.
 *
 * @param numerator any
 * @param denominator above 0, without common factors with the numerator
 */
record Fraction(BigInteger numerator, BigInteger denominator) {
  static final Fraction ONE = new Fraction(BigInteger.ONE, BigInteger.ONE);

  /** Lowest terms with a positive denominator. */
  static Fraction of(BigInteger numerator, BigInteger denominator) {
    BigInteger factor = numerator.gcd(denominator);
    BigInteger sign = BigInteger.valueOf(denominator.signum());
    return new Fraction(
        numerator.divide(factor).multiply(sign), denominator.divide(factor).multiply(sign));
  }

  static Fraction of(BigDecimal decimal) {
    return decimal.scale() >= 0
        ? of(decimal.unscaledValue(), BigInteger.TEN.pow(decimal.scale()))
        : of(decimal.toBigIntegerExact(), BigInteger.ONE);
  }

  static Fraction of(long number) {
    return new Fraction(BigInteger.valueOf(number), BigInteger.ONE);
  }

  Fraction plus(Fraction other) {
    return of(
        numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
        denominator.multiply(other.denominator));
  }

  Fraction negated() {
    return new Fraction(numerator.negate(), denominator);
  }

  Fraction times(Fraction other) {
    return of(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
  }

  /** The reciprocal; only of numbers other than 0. */
  Fraction inverted() {
    return of(denominator, numerator);
  }

  boolean isZero() {
    return numerator.signum() == 0;
  }

  boolean isWhole() {
    return denominator.equals(BigInteger.ONE);
  }

  /** Binary digits of the longer part. */
  int bits() {
    return Math.max(numerator.bitLength(), denominator.bitLength());
  }

  double toDouble() {
    if (bits() < Double.MAX_EXPONENT) {
      return numerator.doubleValue() / denominator.doubleValue();
    }
    return new BigDecimal(numerator)
        .divide(new BigDecimal(denominator), MathContext.DECIMAL64)
        .doubleValue();
  }
}
