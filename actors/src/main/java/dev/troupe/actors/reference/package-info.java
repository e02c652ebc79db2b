/** The reference actor: log-probabilities under frozen models, each proved by its digest. */
package dev.troupe.actors.reference;
