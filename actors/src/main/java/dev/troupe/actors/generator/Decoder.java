package dev.troupe.actors.generator;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What a generator decodes with. Used by one thread at a time, off the actor's thread. */
public interface Decoder extends AutoCloseable {

  /**
   * Takes up the weights of a version in place of those held before.
   *
   * @return the digest of the weights as they arrived, computed here
   */
  String adopt(PolicyVersion version);

  /**
   * Decodes a unit with the weights held, and from the next token on with newer ones when there are
   * any. Whoever offers none has the whole unit decoded by one version.
   *
   * @param generator name that goes into the provenance
   * @param newer asked now and again for a version to go on under once it is here; what does not
   *     arrive, or arrives damaged, is left alone
   * @return one group a ticket, in the order of the tickets
   * @throws dev.troupe.actors.protocol.RunException if the unit cannot be decoded by anyone
   */
  List<Group> decode(WorkUnit unit, String generator, Supplier<Optional<PolicyVersion>> newer);

  /** The version held, with the digest computed here; null before the first one. */
  PolicyVersion held();

  /** Releases weights and programs. */
  @Override
  void close();
}
