/**
 * Rewards for programs: a candidate runs against tests in a process of its own that sees no
 * network, no home directory and no file to write to but a small one in memory, within bounds of
 * time, memory, processes and output.
 */
package dev.troupe.runtime.reward.code;
