/**
 * Instructions whose following can be verified by a program, in the manner of IFEval (Zhou et al.
 * 2023): how many words, which keywords, which form.
 */
package dev.troupe.runtime.reward.instruction;
