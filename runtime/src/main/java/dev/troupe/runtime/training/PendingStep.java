package dev.troupe.runtime.training;

/**
 * An optimizer step whose gradient is known and whose weights have not moved yet. It lies between
 * {@link Trainer#prepare} and {@link #apply}, so that the gradients of several models can be
 * clipped as one: policy and critic of PPO-max, for instance.
 *
 * <p>Until it is applied or closed its trainer takes no other step. Closing it unapplied leaves
 * weights and optimizer as they were.
 */
public final class PendingStep implements AutoCloseable {
  private final Trainer trainer;
  private final StepGradient gradient;
  private final double norm;

  PendingStep(Trainer trainer, StepGradient gradient, double norm) {
    this.trainer = trainer;
    this.gradient = gradient;
    this.norm = norm;
  }

  /** Global norm of this step's gradient alone, before clipping. */
  public double gradientNorm() {
    return norm;
  }

  /**
   * The norm of the gradients of two steps together, as if their models were one.
   *
   * @return the norm of the concatenated gradient, before clipping
   */
  public static double jointNorm(PendingStep one, PendingStep other) {
    return Math.hypot(one.norm, other.norm);
  }

  /**
   * Moves the weights, the gradient clipped by its own norm.
   *
   * @throws IllegalStateException if the step was applied or closed before
   */
  public StepReport apply() {
    return apply(norm);
  }

  /**
   * Moves the weights, the gradient clipped as a part of a larger one: it is scaled by what would
   * bring the larger one to the highest norm of the settings.
   *
   * @param jointNorm norm of the larger gradient, not less than {@link #gradientNorm()}
   * @return the report, with the norm of this gradient alone
   * @throws IllegalArgumentException if the norm is smaller than this gradient's own, or not finite
   * @throws IllegalStateException if the step was applied or closed before
   */
  public StepReport apply(double jointNorm) {
    if (!(jointNorm >= norm && jointNorm < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "joint norm = %s is not a finite number of at least %s, the norm of this gradient alone"
              .formatted(jointNorm, norm));
    }
    return trainer.apply(this, jointNorm);
  }

  StepGradient gradient() {
    return gradient;
  }

  /** Drops the gradient unless it was applied. */
  @Override
  public void close() {
    trainer.drop(this);
  }
}
