package dev.troupe.runtime.transport;

/** A parcel that came whole, in native memory that the taker owns and closes. */
public final class Landed implements AutoCloseable {
  private final ParcelId id;
  private final OffHeap memory;

  Landed(ParcelId id, OffHeap memory) {
    this.id = id;
    this.memory = memory;
  }

  /** The name under which it was asked for. */
  public ParcelId id() {
    return id;
  }

  /** The bytes; valid until this is closed, and reading on crashes the process. */
  public Segments bytes() {
    return memory.segments();
  }

  /** Frees the memory; a second call does nothing. */
  @Override
  public void close() {
    memory.close();
  }
}
