package dev.troupe.runtime.transport;

/**
 * Bytes that are offered under a name.
 *
 * @param id the name
 * @param bytes what is sent; unchanged and alive until {@code release} is called
 * @param release called once, on a thread of the data plane and briefly, when nothing reads the
 *     bytes any more
 */
public record Parcel(ParcelId id, Segments bytes, Runnable release) {}
