package dev.troupe.algorithms.rto;

import java.util.Arrays;

/** Where in a response the token rewards are paid (RTO paper, ablations of section 5). */
public enum Granularity {
  /** On the token that earned it: RTO. */
  TOKEN {
    @Override
    double[] place(double[] reward, double[] shaping, boolean[] endsSentence) {
      return reward.clone();
    }
  },

  /**
   * The sum of a sentence on the token that ends it, a tail without delimiter on the last token:
   * Semi-RTO.
   */
  SENTENCE {
    @Override
    double[] place(double[] reward, double[] shaping, boolean[] endsSentence) {
      double[] placed = new double[reward.length];
      double sentence = 0;
      for (int t = 0; t < reward.length; t++) {
        sentence += reward[t];
        if (endsSentence[t] || t == reward.length - 1) {
          placed[t] = sentence;
          sentence = 0;
        }
      }
      return placed;
    }
  },

  /** Everything on the last token: the paper's DDPO, a dense reward made sparse. */
  SEQUENCE {
    @Override
    double[] place(double[] reward, double[] shaping, boolean[] endsSentence) {
      double[] placed = new double[reward.length];
      placed[reward.length - 1] = Arrays.stream(reward).sum();
      return placed;
    }
  },

  /**
   * On the token that earned it, and the total of the shaping taken back on the last token, so that
   * the return of a response is that of plain PPO: RS-PPO. Shows that it is the timing that helps.
   */
  SHAPING_ONLY {
    @Override
    double[] place(double[] reward, double[] shaping, boolean[] endsSentence) {
      double[] placed = reward.clone();
      placed[reward.length - 1] -= Arrays.stream(shaping).sum();
      return placed;
    }
  };

  /** Moves the rewards of a response with at least one token; returns a new array. */
  abstract double[] place(double[] reward, double[] shaping, boolean[] endsSentence);
}
