package dev.troupe.runtime.settings;

import java.util.List;
import java.util.Optional;

/**
 * Evolution of the singular values of trained adapters, with forward passes only: ESSA (arXiv
 * 2507.04453).
 *
 * @param name name of the stage
 * @param from stage whose weights and adapters it starts with
 * @param adapters the adapters of that stage, which stay what they are but for their values
 * @param steps generations of the search
 * @param prompts prompts of one generation, the same for all of its candidates
 * @param samples completions that each candidate draws for each prompt
 * @param sampling how they are sampled
 * @param population candidates of one generation
 * @param alpha share of each factor's singular values that is searched
 * @param sigma first step size
 * @param sigmaUnit what the first step size is measured in
 * @param covariance shape of the search distribution
 * @param offsets what a number of the search vector does to its singular value
 * @param precision of the weights that the adapters are added to, where completions are sampled
 * @param returns what the stage ends with
 * @param unitPrompts tickets decoded together as one work unit
 */
public record EssaStage(
    String name,
    String from,
    Optional<LoraSettings> adapters,
    int steps,
    int prompts,
    int samples,
    SamplingSettings sampling,
    int population,
    double alpha,
    double sigma,
    SigmaUnit sigmaUnit,
    Covariance covariance,
    Offsets offsets,
    Precision precision,
    Returns returns,
    int unitPrompts)
    implements RolloutStage, AdaptedStage {

  private static final int MAX_POPULATION = 4096;
  private static final int MAX_SAMPLES = 1024;

  /** Lets 0.29 * 100, which float64 makes 28.999999999999996, count as 29. */
  private static final double ROUNDING = 1e-9;

  /** What the first step size is measured in. */
  public enum SigmaUnit {
    /** The mean of all searched singular values. */
    MEAN_SINGULAR_VALUE,
    /** One, that is the numbers of the search vector themselves. */
    ABSOLUTE
  }

  /** Shape of the search distribution. */
  public enum Covariance {
    /** Any: the paper. */
    FULL,
    /** Independent numbers, for thousands of them. */
    DIAGONAL
  }

  /** What a number x of the search vector does to its singular value S. */
  public enum Offsets {
    /** S + x: the paper. */
    ABSOLUTE,
    /** S (1 + x). */
    RELATIVE
  }

  /** Of the weights that the adapters are added to, where completions are sampled. */
  public enum Precision {
    /** As they were trained, the adapters merged. */
    FULL,
    /** Integers of 8 bits, the adapters beside them. */
    INT8,
    /** Integers of 4 bits, the adapters beside them. */
    INT4
  }

  /** What the stage ends with. */
  public enum Returns {
    /** The mean of the search distribution. */
    MEAN,
    /** The mean or the best candidate of all generations, whichever is better on new prompts. */
    BEST_VALIDATED
  }

  static EssaStage from(Checked c, String name, Lineage lineage) {
    String from = lineage.stage(c, "from", AdaptedStage.class);
    Optional<LoraSettings> adapters = lineage.adapters(c, "from", from);
    double alpha = c.decimal("alpha", 0.0, 1.0);
    adapters.ifPresent(lora -> requireSearchable(c, alpha, lora.rank()));
    int samples = c.integer("samples", 1, MAX_SAMPLES);
    Checked samplingSection = c.section("sampling");
    SamplingSettings sampling = SamplingSettings.orGreedy(samplingSection, lineage);
    boolean isGreedy = samplingSection.isSound("temperature") && sampling.temperature() == 0;
    if (c.isSound("samples") && samples > 1 && isGreedy) {
      c.clash(
          "samples",
          "would be the same text each time when " + samplingSection.quote("temperature"),
          "choose 1 sample or a temperature above 0");
    }
    Offsets offsets = c.choice("offsets", Offsets.class);
    if (offsets == Offsets.RELATIVE) {
      c.refuseBeside("sigma-unit", "offsets");
    }
    return new EssaStage(
        name,
        from,
        adapters,
        c.integer("steps", 0, SftStage.MAX_STEPS),
        c.integer("prompts", 1, SftStage.MAX_BATCH),
        samples,
        sampling,
        c.integer("population", 2, MAX_POPULATION),
        alpha,
        c.decimal("sigma", 1e-9, 1e6),
        sigmaUnit(c, offsets),
        c.choice("covariance", Covariance.class),
        offsets,
        c.choice("precision", Precision.class),
        c.choice("returns", Returns.class),
        c.integer("unit-prompts", 1, 4096));
  }

  private static void requireSearchable(Checked c, double alpha, int rank) {
    if (c.isSound("alpha") && alpha * rank + ROUNDING < 1) {
      c.clash(
          "alpha",
          "of the rank "
              + rank
              + " of the adapters of "
              + c.quote("from")
              + " leaves no singular value to search",
          "choose at least " + 1.0 / rank);
    }
  }

  /** A relative step is a share of each value, so only absolute ones need a unit. */
  private static SigmaUnit sigmaUnit(Checked c, Offsets offsets) {
    return c.optional("sigma-unit", key -> c.choice(key, SigmaUnit.class))
        .orElse(offsets == Offsets.RELATIVE ? SigmaUnit.ABSOLUTE : SigmaUnit.MEAN_SINGULAR_VALUE);
  }

  /**
   * @return learner steps: the generations, and with {@link Returns#BEST_VALIDATED} one more in
   *     which the two results are compared
   */
  public int learnerSteps() {
    return steps == 0 || returns == Returns.MEAN ? steps : steps + 1;
  }

  @Override
  public String kind() {
    return "essa";
  }

  @Override
  public boolean isRewarded() {
    return true;
  }

  @Override
  public List<String> inputs() {
    return List.of(from);
  }
}
