package dev.troupe.actors.run;

import java.util.List;

/**
 * A stage of a run, built in Java. The methods name what most stages share; {@link #with} sets any
 * other key of the recipe. Immutable.
 */
public final class Stage {
  private final Part part;

  private Stage(Part part) {
    this.part = part;
  }

  /**
   * A stage.
   *
   * @param algorithm its kind in recipes, such as {@code sft}, {@code dpo}, {@code grpo} or {@code
   *     soup}
   * @param name by which later stages name it
   */
  public static Stage of(String algorithm, String name) {
    return new Stage(Part.of(algorithm).with("name", name));
  }

  /** The policy to begin with: an earlier stage, or {@code model}. */
  public Stage from(String stage) {
    return with("from", stage);
  }

  /** How many learner updates it has. */
  public Stage steps(int steps) {
    return with("steps", steps);
  }

  /** Prompts of a step, and samples of each. */
  public Stage groups(int prompts, int samples) {
    return with("prompts", prompts).with("group-size", samples);
  }

  /** The frozen policy that the stage is compared with: an earlier stage. */
  public Stage reference(String stage) {
    return with("reference", stage);
  }

  /** The pull towards the reference, in reward for each nat of KL divergence. */
  public Stage kl(double coefficient) {
    return with("kl.coefficient", coefficient);
  }

  /** How token rewards come about, such as {@code Part.of("rto").with("model", "dpo")}. */
  public Stage shaping(Part shaping) {
    return with("shaping", shaping);
  }

  /** How many steps generation may be ahead of training; 0 is in turn. */
  public Stage staleness(int steps) {
    return with("staleness", steps);
  }

  /** Learning rate of AdamW at its highest. */
  public Stage learningRate(double rate) {
    return with("optimizer.learning-rate", rate);
  }

  /** The stages that a soup mixes. */
  public Stage mixing(List<String> stages) {
    return with("of", stages);
  }

  /**
   * With another key of the recipe.
   *
   * @param key a path, such as {@code optimizer.lora.rank}
   * @param value see {@link Part#with}
   */
  public Stage with(String key, Object value) {
    return new Stage(part.with(key, value));
  }

  Part part() {
    return part;
  }
}
