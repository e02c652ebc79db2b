/**
 * The mathematics of alignment: losses, advantages, shaping and soups as pure functions on tensors.
 * There is no engine, clock, file or configuration here; what is random takes a seed. Shapes are
 * checked at the door, because broadcasting would hide a wrong one.
 */
package dev.troupe.algorithms;
