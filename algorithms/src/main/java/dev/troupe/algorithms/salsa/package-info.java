/**
 * Soups of model weights as the reference of a KL penalty, and updates of the reference in a run.
 */
package dev.troupe.algorithms.salsa;
