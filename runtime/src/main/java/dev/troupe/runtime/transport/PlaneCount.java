package dev.troupe.runtime.transport;

/** What a data plane counts from its start on. */
public enum PlaneCount {
  /** Chunks sent, each once however many followers a cast has. */
  CHUNKS_SENT,
  /** Bytes of parcels in them. */
  BYTES_SENT,
  /** Chunks that were written into the memory of a parcel. */
  CHUNKS_TAKEN,
  /** Bytes of parcels in them. */
  BYTES_TAKEN,
  /** Chunks of bytes that were there already: harmless. */
  DUPLICATES,
  /** Chunks whose checksum is wrong. */
  CORRUPT,
  /** Messages that are shorter than they say, or than they must be. */
  TRUNCATED,
  /** Chunks and messages of a transfer that is over, or that came a second time. */
  REPLAYED,
  /** Chunks and messages of someone who did not prove the secret, or of another version. */
  FOREIGN,
  /** Requests for ranges that a transfer left open. */
  REPAIRS,
  /** Receivers that were left behind because they would have stalled others. */
  DROPPED,
  /** Parcels that came whole and did not have their digest. */
  UNPROVED
}
