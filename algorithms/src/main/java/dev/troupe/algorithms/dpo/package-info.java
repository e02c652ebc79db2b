/** Direct Preference Optimization. */
package dev.troupe.algorithms.dpo;
