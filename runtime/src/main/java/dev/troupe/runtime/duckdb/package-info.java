/** The database that reads tables and writes rollouts, within this process. */
package dev.troupe.runtime.duckdb;
