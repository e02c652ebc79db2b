package dev.troupe.actors.protocol;

import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.RewardView;

/**
 * A reward model that scores completions.
 *
 * @param model its version
 * @param view what it reads of a completion
 */
public record RewardScorer(PolicyVersion model, RewardView view) {}
