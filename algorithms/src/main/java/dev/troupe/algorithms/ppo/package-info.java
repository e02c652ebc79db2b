/** The clipped policy objective of Proximal Policy Optimization. */
package dev.troupe.algorithms.ppo;
