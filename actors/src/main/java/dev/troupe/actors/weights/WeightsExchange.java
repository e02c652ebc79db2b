package dev.troupe.actors.weights;

import dev.troupe.runtime.generation.WeightPrecision;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.Optional;

/**
 * Where published weights are handed over. What crosses it are bulk data: no actor's mailbox ever
 * holds a weight. Safe for use by several threads.
 */
public interface WeightsExchange extends AutoCloseable {

  /**
   * Offers weights under their version. Publishing a version again is allowed; the weights offered
   * first stay and the second ones are closed.
   *
   * @param weights become the exchange's own: it closes them once the version is withdrawn and the
   *     last loan is given back
   */
  default void publish(PolicyVersion version, DecoderWeights weights) {
    publish(version, weights, WeightPrecision.FULL);
  }

  /**
   * Offers weights that are to be generated with in a precision of their own.
   *
   * @param weights as above; always handed over in full
   * @param precision in which generators take them up
   */
  void publish(PolicyVersion version, DecoderWeights weights, WeightPrecision precision);

  /**
   * Borrows the weights of a version.
   *
   * @throws IllegalStateException if it is not published, with a sentence that names those that are
   */
  Loan borrow(PolicyVersion version);

  /**
   * Borrows the weights of a version if that takes no time. Otherwise nothing is lent, but they are
   * on their way if they can be had: who has other work meanwhile asks again.
   */
  Optional<Loan> borrowIfHere(PolicyVersion version);

  /** Ends the offer of a version; loans that are out stay valid. Unknown versions are ignored. */
  void withdraw(PolicyVersion version);

  /** Withdraws all versions. */
  @Override
  void close();

  /** Weights for reading, to be closed by the borrower. */
  interface Loan extends AutoCloseable {
    /** The weights; valid until this loan is closed, and never to be written to. */
    DecoderWeights weights();

    /** In which precision they are to be generated with. */
    WeightPrecision precision();

    /** Gives the weights back; a second call does nothing. */
    @Override
    void close();
  }
}
