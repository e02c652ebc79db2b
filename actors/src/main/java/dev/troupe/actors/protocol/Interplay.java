package dev.troupe.actors.protocol;

import dev.troupe.runtime.reward.Outcome;
import java.util.List;
import java.util.Optional;

/**
 * What a policy was told while it made a rollout.
 *
 * @param given what it was given beside the prompt, in the order of the places
 * @param turns how often it spoke
 * @param transcript its turns and the answers to them, for people; empty for a single turn
 * @param outcome what it earned, or why nothing can be said of the rollout; empty where only
 *     rewards judge
 */
public record Interplay(
    List<Given> given, int turns, String transcript, Optional<Outcome> outcome) {
  /** A completion of a prompt, and nothing else. */
  public static final Interplay NONE = new Interplay(List.of(), 1, "", Optional.empty());

  /** Copies the list and refuses places out of order. */
  public Interplay {
    given = List.copyOf(given);
    for (int i = 1; i < given.size(); i++) {
      if (given.get(i).at() < given.get(i - 1).at()) {
        throw new IllegalArgumentException(
            "given tokens at %d stand behind those at %d"
                .formatted(given.get(i).at(), given.get(i - 1).at()));
      }
    }
  }

  /** Tokens that were given. */
  public long tokens() {
    return given.stream().mapToLong(part -> part.tokens().length).sum();
  }
}
