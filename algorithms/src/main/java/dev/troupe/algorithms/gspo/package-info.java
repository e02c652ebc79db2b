/** Group Sequence Policy Optimization: the probability ratio is that of the whole response. */
package dev.troupe.algorithms.gspo;
