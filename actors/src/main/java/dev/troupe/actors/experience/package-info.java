/**
 * The experience: joins groups with their rewards and reference parts and keeps them for the
 * learner.
 */
package dev.troupe.actors.experience;
