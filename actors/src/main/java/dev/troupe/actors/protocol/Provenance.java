package dev.troupe.actors.protocol;

import dev.troupe.runtime.model.PolicyVersion;

/**
 * Where a rollout comes from.
 *
 * @param generator name of the generator that decoded it
 * @param unit the work unit it was decoded in
 * @param policy the version that sampled every one of its tokens, with the digest that the
 *     generator computed itself
 */
public record Provenance(String generator, UnitId unit, PolicyVersion policy) {}
