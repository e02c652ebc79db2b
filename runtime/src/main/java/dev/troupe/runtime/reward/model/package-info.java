/** Rewards that models of a person's own give, from their directories. */
package dev.troupe.runtime.reward.model;
