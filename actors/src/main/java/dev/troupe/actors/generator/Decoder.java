package dev.troupe.actors.generator;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;

/** What a generator decodes with. Used by one thread at a time, off the actor's thread. */
public interface Decoder extends AutoCloseable {

  /**
   * Takes up the weights of a version in place of those held before.
   *
   * @return the digest of the weights as they arrived, computed here
   */
  String adopt(PolicyVersion version);

  /**
   * Decodes a unit with the weights held.
   *
   * @param generator name that goes into the provenance
   * @return one group a ticket, in the order of the tickets
   * @throws dev.troupe.actors.protocol.RunException if the unit cannot be decoded by anyone
   */
  List<Group> decode(WorkUnit unit, String generator);

  /** Releases weights and programs. */
  @Override
  void close();
}
