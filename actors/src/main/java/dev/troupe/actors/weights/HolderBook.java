package dev.troupe.actors.weights;

import dev.troupe.runtime.model.PolicyVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What one node knows of the holders of versions: its own versions, and the newest word of every
 * other node. {@link Holders} exchanges the words.
 */
public final class HolderBook implements HolderDirectory {
  private final String node;
  private final String endpoint;
  private final Map<PolicyVersion, Boolean> own = new LinkedHashMap<>();
  private final Map<String, Holders.Holds> others = new HashMap<>();
  private final List<Consumer<PolicyVersion>> listeners = new ArrayList<>();
  private Runnable onChange = () -> {};
  private long edition;
  private boolean isClosed;

  /**
   * @param node name of this node
   * @param endpoint where its data plane is reached
   */
  public HolderBook(String node, String endpoint) {
    this.node = node;
    this.endpoint = endpoint;
  }

  @Override
  public void announce(PolicyVersion version, boolean isPublisher) {
    changeOwn(() -> own.put(version, isPublisher));
  }

  @Override
  public void retract(PolicyVersion version) {
    changeOwn(() -> own.remove(version));
  }

  private void changeOwn(Runnable change) {
    Runnable told;
    synchronized (this) {
      change.run();
      edition++;
      told = onChange;
    }
    told.run();
  }

  @Override
  public synchronized List<Holder> holders(PolicyVersion version, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    List<Holder> found = known(version);
    while (found.isEmpty() && !isClosed) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
      found = known(version);
    }
    return found;
  }

  /** This node leaves: no word will come, so nobody waits for one. */
  public synchronized void close() {
    isClosed = true;
    notifyAll();
  }

  private List<Holder> known(PolicyVersion version) {
    return others.values().stream()
        .flatMap(
            word ->
                word.versions().stream()
                    .filter(held -> held.version().equals(version))
                    .map(held -> new Holder(word.node(), word.endpoint(), held.isPublisher())))
        .sorted(Comparator.comparing(Holder::isPublisher).reversed().thenComparing(Holder::node))
        .toList();
  }

  @Override
  public synchronized void onWithdrawn(Consumer<PolicyVersion> listener) {
    listeners.add(listener);
  }

  /** Runs something whenever what this node holds has changed. */
  synchronized void whenChanged(Runnable action) {
    onChange = action;
  }

  /** What this node has to say about itself; a higher edition replaces a lower one. */
  synchronized Holders.Holds word() {
    return new Holders.Holds(
        node,
        endpoint,
        edition,
        own.entrySet().stream()
            .map(held -> new Holders.Held(held.getKey(), held.getValue()))
            .toList());
  }

  /** Takes note of another node's word, unless a newer one of the same endpoint is known. */
  void note(Holders.Holds word) {
    Set<PolicyVersion> withdrawn;
    synchronized (this) {
      Holders.Holds before = others.get(word.node());
      if (before != null
          && before.endpoint().equals(word.endpoint())
          && before.edition() > word.edition()) {
        return;
      }
      Set<PolicyVersion> published = published();
      others.put(word.node(), word);
      notifyAll();
      withdrawn = published;
      withdrawn.removeAll(published());
    }
    tell(withdrawn);
  }

  /** Forgets the words of all nodes but these; a version is not withdrawn by that. */
  synchronized void retain(Collection<String> nodes) {
    others.keySet().retainAll(nodes);
  }

  private Set<PolicyVersion> published() {
    var versions = new HashSet<PolicyVersion>();
    for (Holders.Holds word : others.values()) {
      word.versions().stream()
          .filter(Holders.Held::isPublisher)
          .forEach(held -> versions.add(held.version()));
    }
    return versions;
  }

  private void tell(Set<PolicyVersion> withdrawn) {
    List<Consumer<PolicyVersion>> told;
    synchronized (this) {
      told = List.copyOf(listeners);
    }
    withdrawn.forEach(version -> told.forEach(listener -> listener.accept(version)));
  }
}
