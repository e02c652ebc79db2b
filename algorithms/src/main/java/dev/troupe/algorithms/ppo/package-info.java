/**
 * The clipped policy objective of Proximal Policy Optimization (Schulman et al. 2017), of which the
 * losses of GRPO and its relatives are variants. It is here once, for all of them.
 */
package dev.troupe.algorithms.ppo;
