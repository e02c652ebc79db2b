/**
 * The supervisor: it plans steps, grants work units, orders training, and keeps every wait of the
 * run with its deadline. It handles metadata only.
 */
package dev.troupe.actors.supervisor;
