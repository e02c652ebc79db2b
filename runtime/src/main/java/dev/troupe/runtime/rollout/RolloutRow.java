package dev.troupe.runtime.rollout;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One sampled completion with its prompt, its judgement and what a step made of it. Arrays are not
 * to be written to.
 *
 * @param place where it belongs
 * @param prompt what was asked
 * @param sampled what was answered
 * @param judged what the answer was worth
 * @param credit what was learnt from it
 * @param models which weights took part
 */
public record RolloutRow(
    Place place, Prompt prompt, Sampled sampled, Judged judged, Credit credit, Models models) {

  /** What a completion was sampled for. */
  public enum Purpose {
    /** To be learnt from. */
    TRAINING,
    /** To measure a stage on a held-out prompt. */
    EVALUATION;

    /** As it is written in the files. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Where a completion belongs; no two have the same.
   *
   * @param step of the stage as {@code metrics.jsonl} counts, from 1; of an evaluation the steps
   *     that the stage had done
   * @param ticket name of the ticket, such as {@code grpo/17}
   * @param sample index among the completions of the ticket, from 0
   */
  public record Place(String stage, Purpose purpose, long step, String ticket, int sample) {}

  /**
   * What was asked.
   *
   * @param example name of the example in its data
   * @param text the prompt as the policy saw it, by its tokens
   * @param tokens the same as ids
   * @param answer the answer that the data has; null if none
   * @param template SHA-256 of what writes prompts; see {@link
   *     dev.troupe.runtime.settings.RunSettings#templateDigest}
   */
  public record Prompt(String example, String text, int[] tokens, String answer, String template) {}

  /**
   * What was answered.
   *
   * @param tokens sampled ids, the stop token included
   * @param textEnds for each token where its text ends in {@code text}, so that token t wrote the
   *     characters from the end of t - 1 on; at most the length of the text
   * @param finish why sampling ended, in kebab-case
   * @param logps log-probability of each token under the policy that sampled it, nats
   * @param generator who sampled it
   * @param unit the work unit it was decoded in
   * @param seed of its random numbers
   * @param draw where its random numbers are
   * @param turns how often the policy spoke; what it was told meanwhile is no part of its tokens
   * @param transcript its turns and the answers to them; null for a single turn
   * @param versions number of the policy version that sampled each token; null if one sampled all
   */
  public record Sampled(
      int[] tokens,
      String text,
      int[] textEnds,
      String finish,
      float[] logps,
      String generator,
      String unit,
      long seed,
      long draw,
      int turns,
      String transcript,
      long[] versions) {
    /** A single turn that one version sampled. */
    public Sampled(
        int[] tokens,
        String text,
        int[] textEnds,
        String finish,
        float[] logps,
        String generator,
        String unit,
        long seed,
        long draw) {
      this(tokens, text, textEnds, finish, logps, generator, unit, seed, draw, 1, null, null);
    }
  }

  /**
   * What the answer was worth.
   *
   * @param reward the weighted total; null when scoring failed
   * @param failure why scoring failed; null when it did not
   * @param components the terms of the total; empty when no reward function judged
   * @param modelScores outputs of a reward model's head; null without one
   */
  public record Judged(
      Double reward, String failure, List<Component> components, float[] modelScores) {
    /** Copies the list. */
    public Judged {
      components = List.copyOf(components);
    }
  }

  /**
   * A term of the reward.
   *
   * @param score before weighting; NaN when scoring failed
   * @param version which function it was, see {@link
   *     dev.troupe.runtime.reward.WeightedReward.Component#version}
   */
  public record Component(String name, double score, double weight, String version) {}

  /**
   * What was learnt from it, token by token. Null where the method has no such thing, or does not
   * tell.
   *
   * @param uses how often the step was trained on it; 0 if a filter or a failure left it out
   * @param worth the reward that was learnt from, after scaling, bounds and penalties
   * @param policy log-probability under the policy that was trained, when it read it first, nats
   * @param reference the same under the reference, nats
   * @param tokenRewards what each token earned, the completion's worth on the last one
   * @param advantages what each token was trained with
   * @param mask whether a token counts in the loss
   * @param lesson what it was to a method that has no advantages
   */
  public record Credit(
      Integer uses,
      Double worth,
      float[] policy,
      float[] reference,
      float[] tokenRewards,
      float[] advantages,
      boolean[] mask,
      Lesson lesson) {}

  /**
   * What a completion was to a method that compares, copies or searches.
   *
   * @param part what it took part as, such as {@code chosen}, {@code rank 2 of 4} or {@code
   *     candidate 3}
   * @param quantity name of the number that the method has for the whole completion, such as {@code
   *     implicit reward}; null if it has none
   * @param amount that number; NaN if it is not known here
   * @param pulls minus the derivative of the step's loss with respect to the log-probability of
   *     each token: above 0 the step makes it likelier. What a divergence over the whole vocabulary
   *     adds is not in it. Null where nothing is differentiated, or another learner did it
   */
  public record Lesson(String part, String quantity, double amount, float[] pulls) {
    /** One without a number for the whole. */
    public static Lesson of(String part, float[] pulls) {
      return new Lesson(part, null, Double.NaN, pulls);
    }
  }

  /**
   * Which weights took part, by their SHA-256 digests; null where there is no such model.
   *
   * @param policy what sampled, at first if several did
   * @param epoch how many times the run had been started before the policy was published
   * @param number of the policy version
   * @param reference what the policy is held to
   * @param shaping the model of token rewards
   * @param shapingBase what that was trained against
   * @param reward the reward model
   */
  public record Models(
      String policy,
      long epoch,
      long number,
      String reference,
      String shaping,
      String shapingBase,
      String reward) {}

  /** Length in tokens. */
  public int length() {
    return sampled.tokens().length;
  }

  /** Number of the policy version that sampled each token. */
  public long[] policyNumbers() {
    if (sampled.versions() != null) {
      return sampled.versions();
    }
    long[] numbers = new long[length()];
    Arrays.fill(numbers, models.number());
    return numbers;
  }

  /**
   * The text that a token wrote; empty for one that writes nothing, such as the stop token, or that
   * only begins a character.
   *
   * @param token index in the completion
   */
  public String piece(int token) {
    int[] ends = sampled.textEnds();
    return sampled.text().substring(token == 0 ? 0 : ends[token - 1], ends[token]);
  }
}
