/**
 * Policy filtration (PF-PPO, arXiv 2409.06957): train on the responses whose reward can be trusted,
 * chosen by their rank among the responses to one prompt, and choose the filter itself by how well
 * rewards explain true scores among what it keeps.
 */
package dev.troupe.algorithms.filtration;
