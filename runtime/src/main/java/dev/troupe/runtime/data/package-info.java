/**
 * Examples to train and evaluate on: data files, tasks that ship with the project, the split into
 * training and held-out prompts, and the order in which a run uses them.
 */
package dev.troupe.runtime.data;
