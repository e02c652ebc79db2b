package dev.troupe.actors.protocol;

import dev.troupe.runtime.model.PolicyVersion;

/**
 * The models in force once a policy version is published. A ticket bound to that policy version is
 * bound to all of them, so its rollouts and scores do not depend on when somebody works on it.
 *
 * @param step how many steps of the stage the policy has been trained for; 0 at the start
 * @param policy the policy that samples
 * @param scoring the frozen models that score what it samples
 */
public record VersionSet(long step, PolicyVersion policy, ScoringModels scoring) {}
