/** How a process becomes a node of a cluster: addresses, transport, failure detection, joining. */
package dev.troupe.actors.cluster;
