/**
 * What a process does in a run: it applies to the supervisor, and once it is admitted it plays its
 * roles. The same actors do that in a company of one process and in a cluster of many; they find
 * each other through the receptionist.
 */
package dev.troupe.actors.node;
