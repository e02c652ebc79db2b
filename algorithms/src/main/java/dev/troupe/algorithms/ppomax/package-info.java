/**
 * PPO-max (Zheng et al. 2023, "Secrets of RLHF in Large Language Models, Part I: PPO", and the code
 * of MOSS-RLHF): the measures that keep PPO stable for thousands of steps. The policy and value
 * losses are those of PPO; with every measure off nothing is left but PPO.
 */
package dev.troupe.algorithms.ppomax;
