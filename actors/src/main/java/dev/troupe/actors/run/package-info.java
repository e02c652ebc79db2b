/**
 * A run in one process: its directory, its company of actors, and what it leaves for people to
 * read.
 */
package dev.troupe.actors.run;
