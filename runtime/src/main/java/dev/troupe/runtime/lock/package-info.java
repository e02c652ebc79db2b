/** Directories that one process at a time may write to. */
package dev.troupe.runtime.lock;
