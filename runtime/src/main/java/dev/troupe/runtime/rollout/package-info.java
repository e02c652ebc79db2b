/**
 * Every sampled completion of a run with all that was learnt from it, in Parquet files that DuckDB
 * can query: written beside the training, found again by stage, step and ticket.
 */
package dev.troupe.runtime.rollout;
