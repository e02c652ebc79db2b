package dev.troupe.runtime.settings;

import java.util.List;

/** One step of a run's plan, which turns the weights of earlier stages into new ones. */
public sealed interface StageSettings permits SftStage, SoupStage, DpoStage, GrpoStage {
  /** In place of the name of a stage: the weights with which the run begins. */
  String MODEL = "model";

  /** What a stage does. */
  enum Kind {
    /** Supervised fine-tuning. */
    SFT,
    /** The weighted mean of the weights of several stages. */
    SOUP,
    /** Direct preference optimization. */
    DPO,
    /** Group-relative policy optimization. */
    GRPO
  }

  /**
   * @return unique name of the stage: lower-case letters, digits and hyphens
   */
  String name();

  /**
   * @return the earlier stage whose weights this one starts with, or {@link #MODEL}; of a soup, the
   *     first ingredient
   */
  String from();

  /**
   * @return what the stage does
   */
  Kind kind();

  /**
   * @return every earlier stage whose weights this one needs (possibly {@link #MODEL}), each once,
   *     {@link #from()} first
   */
  List<String> inputs();
}
