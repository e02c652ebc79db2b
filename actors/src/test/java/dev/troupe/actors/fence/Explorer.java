package dev.troupe.actors.fence;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Visits every state of a small system, those nearest to the beginning first, so that a broken rule
 * is told by one of the shortest stories that break it.
 *
 * @param <S> a state; immutable
 */
public final class Explorer<S> {

  /** What is broken when the system may come to a standstill. */
  public static final String NO_END = "From here no end can be reached any more.";

  /** A system to explore. */
  public interface Model<S> {
    /** Where it begins. */
    S initial();

    /** Everything that can happen next; the same list, in the same order, whenever asked. */
    List<Move<S>> moves(S state);

    /** Bytes that are equal exactly for states that behave alike. */
    byte[] key(S state);

    /** Whether the system has done what it is for. */
    boolean isEnd(S state);
  }

  /**
   * Something that happens.
   *
   * @param story what, in words
   * @param next where it leads
   * @param broken the rule that it breaks, in words; null for none
   */
  public record Move<S>(Supplier<String> story, S next, String broken) {}

  /**
   * What was found.
   *
   * @param states different states visited
   * @param moves moves between them
   * @param depth moves to the farthest state
   * @param broken the rule that was broken first, with the story that led there; empty if none was
   */
  public record Report(int states, long moves, int depth, Optional<Broken> broken) {}

  /**
   * A broken rule.
   *
   * @param rule which one
   * @param story what happened, from the beginning, one sentence a move
   */
  public record Broken(String rule, List<String> story) {
    /** The story as a numbered list. */
    @Override
    public String toString() {
      var text = new StringBuilder();
      for (int i = 0; i < story.size(); i++) {
        text.append("%3d. %s%n".formatted(i + 1, story.get(i)));
      }
      return text.append("  => ").append(rule).toString();
    }
  }

  private final Model<S> model;
  private final int mostStates;
  private final Map<ByteBuffer, Integer> known = new HashMap<>();
  private final ArrayDeque<S> frontier = new ArrayDeque<>();
  private final Ints parents = new Ints();
  private final Ints choices = new Ints();
  private final Ints depths = new Ints();
  private final Ints edgeFrom = new Ints();
  private final Ints edgeTo = new Ints();
  private final Ints ends = new Ints();

  /**
   * @param mostStates more than these mean that the bounds of the model are wrong
   */
  public Explorer(Model<S> model, int mostStates) {
    this.model = model;
    this.mostStates = mostStates;
  }

  /**
   * Explores everything, or up to the first broken rule. If no rule is broken, it is checked that
   * from every state an end can be reached.
   */
  public Report explore() {
    visit(model.initial(), -1, -1);
    for (int at = 0; at < parents.size; at++) {
      S state = frontier.remove();
      if (model.isEnd(state)) {
        ends.add(at);
        continue;
      }
      List<Move<S>> moves = model.moves(state);
      for (int i = 0; i < moves.size(); i++) {
        Move<S> move = moves.get(i);
        if (move.broken() != null) {
          List<String> story = story(at);
          story.add(move.story().get());
          return report(new Broken(move.broken(), story));
        }
        edgeFrom.add(at);
        edgeTo.add(visit(move.next(), at, i));
      }
    }
    return report(lost().map(at -> new Broken(NO_END, story(at))).orElse(null));
  }

  private Report report(Broken broken) {
    int depth = depths.values[parents.size - 1];
    return new Report(parents.size, edgeTo.size, depth, Optional.ofNullable(broken));
  }

  private int visit(S state, int parent, int choice) {
    var key = ByteBuffer.wrap(model.key(state));
    Integer old = known.putIfAbsent(key, parents.size);
    if (old != null) {
      return old;
    }
    if (parents.size == mostStates) {
      throw new IllegalStateException("more than " + mostStates + " states");
    }
    parents.add(parent);
    choices.add(choice);
    depths.add(parent < 0 ? 0 : depths.values[parent] + 1);
    frontier.add(state);
    return parents.size - 1;
  }

  /** What led to a state: the moves are made again from the beginning. */
  private List<String> story(int at) {
    var path = new ArrayList<Integer>();
    for (int i = at; parents.values[i] >= 0; i = parents.values[i]) {
      path.add(choices.values[i]);
    }
    Collections.reverse(path);
    var story = new ArrayList<String>();
    S state = model.initial();
    for (int choice : path) {
      Move<S> move = model.moves(state).get(choice);
      story.add(move.story().get());
      state = move.next();
    }
    return story;
  }

  /** The nearest state from which no end can be reached. */
  private Optional<Integer> lost() {
    int states = parents.size;
    // The edges by the state they lead to, one after the other.
    int[] first = new int[states + 1];
    for (int edge = 0; edge < edgeTo.size; edge++) {
      first[edgeTo.values[edge] + 1]++;
    }
    for (int i = 0; i < states; i++) {
      first[i + 1] += first[i];
    }
    int[] sources = new int[edgeTo.size];
    int[] filled = Arrays.copyOf(first, states);
    for (int edge = 0; edge < edgeTo.size; edge++) {
      sources[filled[edgeTo.values[edge]]++] = edgeFrom.values[edge];
    }
    boolean[] saved = new boolean[states];
    var open = new Ints();
    for (int i = 0; i < ends.size; i++) {
      saved[ends.values[i]] = true;
      open.add(ends.values[i]);
    }
    while (open.size > 0) {
      int at = open.values[--open.size];
      for (int i = first[at]; i < first[at + 1]; i++) {
        if (!saved[sources[i]]) {
          saved[sources[i]] = true;
          open.add(sources[i]);
        }
      }
    }
    for (int at = 0; at < states; at++) {
      if (!saved[at]) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  /** A growing array of ints. */
  private static final class Ints {
    int[] values = new int[1024];
    int size;

    void add(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }
  }
}
