/** Training of reward models. */
package dev.troupe.algorithms.reward;
