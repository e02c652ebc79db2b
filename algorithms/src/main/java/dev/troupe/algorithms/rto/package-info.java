/**
 * Reinforced Token Optimization: a DPO model pays for single tokens, with a critic or in a group.
 */
package dev.troupe.algorithms.rto;
