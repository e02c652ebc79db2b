/**
 * The mathematics of alignment: losses, advantages, shaping and soups as pure functions on tensors.
 */
package dev.troupe.algorithms;
