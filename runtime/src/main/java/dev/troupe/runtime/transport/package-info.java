/**
 * The data plane: weights, soups, deltas and gradients from node to node over Aeron, straight from
 * off-heap memory and past every mailbox.
 *
 * <p>A holder offers a {@link dev.troupe.runtime.transport.Parcel}; takers ask for the byte ranges
 * that they lack and so resume and heal by the same request. What many want at once is cast to all
 * of them, and whoever misses a part of it asks for exactly that. Peers prove a shared secret to
 * each other first. Nothing is encrypted: use a trusted network or an encrypted overlay.
 */
package dev.troupe.runtime.transport;
