/** The command line: thin commands over what programs can do too. */
package dev.troupe.actors.cli;
