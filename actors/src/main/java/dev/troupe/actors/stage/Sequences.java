package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Given;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.runtime.training.TrainingSequence;
import dev.troupe.runtime.training.TrainingSequence.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rollouts as the trainer and the frozen models want them: prompt and completion in one row, with
 * what was given between the turns. A rollout whose context was begun anew has a row for each
 * segment, whose response tokens one after the other are the rollout's.
 */
public final class Sequences {
  private Sequences() {}

  /**
   * A rollout behind its prompt.
   *
   * @throws IllegalArgumentException if it has several segments
   */
  public static TrainingSequence of(Group group, Rollout rollout) {
    List<TrainingSequence> segments = segments(group, rollout);
    if (segments.size() != 1) {
      throw new IllegalArgumentException(
          "rollout %d of ticket %s has %d segments, where one is needed"
              .formatted(rollout.sample(), group.ticket().id(), segments.size()));
    }
    return segments.get(0);
  }

  /** The segments of a rollout, in order; none if it has given tokens only. */
  static List<TrainingSequence> segments(Group group, Rollout rollout) {
    if (rollout.interplay().given().isEmpty()) {
      return List.of(plain(group.promptTokens(), rollout.tokens()));
    }
    var segments = new ArrayList<TrainingSequence>();
    var segment = new Segment(group.promptTokens());
    int from = 0;
    for (Given given : rollout.interplay().given()) {
      segment.sampled(rollout.tokens(), from, given.at());
      from = given.at();
      if (given.isAnew()) {
        segment.endInto(segments);
        segment = new Segment(given.tokens());
      } else {
        segment.given(given.tokens());
      }
    }
    segment.sampled(rollout.tokens(), from, rollout.length());
    segment.endInto(segments);
    return segments;
  }

  private static TrainingSequence plain(int[] prompt, int[] response) {
    int[] tokens = Arrays.copyOf(prompt, prompt.length + response.length);
    System.arraycopy(response, 0, tokens, prompt.length, response.length);
    return new TrainingSequence(tokens, prompt.length);
  }

  /** All segments of all rollouts of all groups, in order. */
  public static List<TrainingSequence> of(List<Group> groups) {
    var sequences = new ArrayList<TrainingSequence>();
    for (Group group : groups) {
      for (Rollout rollout : group.rollouts()) {
        sequences.addAll(segments(group, rollout));
      }
    }
    return sequences;
  }

  /**
   * What was found out about each response token, by rollout.
   *
   * @param rows values of the sequences that {@link #of(List)} made of the groups
   */
  public static List<List<float[]>> byGroup(List<float[]> rows, List<Group> groups) {
    var byGroup = new ArrayList<List<float[]>>(groups.size());
    int next = 0;
    for (Group group : groups) {
      var ofGroup = new ArrayList<float[]>(group.rollouts().size());
      for (Rollout rollout : group.rollouts()) {
        int count = segments(group, rollout).size();
        ofGroup.add(joined(rows.subList(next, next + count)));
        next += count;
      }
      byGroup.add(ofGroup);
    }
    return byGroup;
  }

  /** Rows one after the other. */
  static float[] joined(List<float[]> rows) {
    if (rows.size() == 1) {
      return rows.get(0);
    }
    float[] all = new float[rows.stream().mapToInt(row -> row.length).sum()];
    int next = 0;
    for (float[] row : rows) {
      System.arraycopy(row, 0, all, next, row.length);
      next += row.length;
    }
    return all;
  }

  /** Values of a rollout's tokens, cut where its segments are. */
  static List<float[]> cut(float[] values, List<TrainingSequence> segments) {
    if (segments.size() == 1) {
      return List.of(values);
    }
    var rows = new ArrayList<float[]>(segments.size());
    int next = 0;
    for (TrainingSequence segment : segments) {
      rows.add(Arrays.copyOfRange(values, next, next + segment.responseLength()));
      next += segment.responseLength();
    }
    return rows;
  }

  /** A row that grows. */
  private static final class Segment {
    private final IntStream.Builder tokens = IntStream.builder();
    private final List<Span> spans = new ArrayList<>();
    private int prompt;
    private int length;
    private int end; // behind the last sampled token

    Segment(int[] given) {
      given(given);
    }

    void given(int[] more) {
      int from = length;
      append(more, 0, more.length);
      if (end == 0) {
        prompt = length;
      } else if (!spans.isEmpty() && spans.get(spans.size() - 1).to() == from) {
        Span last = spans.remove(spans.size() - 1);
        spans.add(new Span(last.from(), length));
      } else {
        spans.add(new Span(from, length));
      }
    }

    void sampled(int[] from, int begin, int behind) {
      if (behind > begin) {
        append(from, begin, behind);
        end = length;
      }
    }

    private void append(int[] from, int begin, int behind) {
      for (int i = begin; i < behind; i++) {
        tokens.add(from[i]);
      }
      length += behind - begin;
    }

    /** Nothing is predicted behind the last sampled token, so what was given there is left out. */
    void endInto(List<TrainingSequence> segments) {
      if (end > 0) {
        spans.removeIf(span -> span.from() >= end);
        int[] all = Arrays.copyOf(tokens.build().toArray(), end);
        segments.add(new TrainingSequence(all, prompt, spans));
      }
    }
  }
}
