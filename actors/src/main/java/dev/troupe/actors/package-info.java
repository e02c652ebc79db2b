/**
 * The company: actors that generate, score, compare and learn, and the supervisor that leads them.
 */
package dev.troupe.actors;
