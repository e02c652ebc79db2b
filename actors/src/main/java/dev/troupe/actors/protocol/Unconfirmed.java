package dev.troupe.actors.protocol;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Messages that were sent and not confirmed: they are sent again until they are. Receivers know a
 * repeated message by its key, so that it counts once. Plain state of one actor, which calls {@link
 * #repeat} at intervals.
 *
 * @param <K> what a message is known by
 */
public final class Unconfirmed<K> {
  private final Map<K, Runnable> pending = new LinkedHashMap<>();
  private final Set<K> old = new HashSet<>();

  /** Sends a message, now and until it is confirmed. */
  public void send(K key, Runnable message) {
    pending.put(key, message);
    message.run();
  }

  /**
   * Notes that a message arrived.
   *
   * @return whether it was not confirmed before
   */
  public boolean confirm(K key) {
    old.remove(key);
    return pending.remove(key) != null;
  }

  /** Sends again what was not confirmed since the last call. */
  public void repeat() {
    old.retainAll(pending.keySet());
    pending.forEach(
        (key, message) -> {
          if (!old.add(key)) {
            message.run();
          }
        });
  }

  /** Forgets everything. */
  public void clear() {
    pending.clear();
    old.clear();
  }
}
