/** Generators: they prove which policy version they hold, take work units and send groups on. */
package dev.troupe.actors.generator;
