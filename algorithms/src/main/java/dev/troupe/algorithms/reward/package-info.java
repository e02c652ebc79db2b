/**
 * Training of reward models from pairs by the Bradley-Terry likelihood. Only differences of rewards
 * are learned; their mean is arbitrary.
 */
package dev.troupe.algorithms.reward;
