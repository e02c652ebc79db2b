package dev.troupe.runtime.settings;

import java.util.List;

/**
 * One step of a run's plan, which turns the weights of earlier stages into new ones. A kind of
 * stage is a record of this type, registered in {@link StageCatalog} under its name; what others
 * may want of it is said by the interfaces that the record implements, such as {@link
 * SampledStage}, and never asked of its kind.
 */
public interface StageSettings {
  /** In place of the name of a stage: the weights with which the run begins. */
  String MODEL = "model";

  /**
   * @return unique name of the stage: lower-case letters, digits and hyphens
   */
  String name();

  /**
   * @return what the stage does: a name in {@link StageCatalog}
   */
  String kind();

  /**
   * @return the earlier stage whose weights this one starts with, or {@link #MODEL}; of a soup, the
   *     first ingredient
   */
  String from();

  /**
   * @return every earlier stage whose weights this one needs (possibly {@link #MODEL}), each once,
   *     {@link #from()} first
   */
  List<String> inputs();

  /**
   * @return whether the stage learns from the recipe's {@code reward}
   */
  default boolean isRewarded() {
    return false;
  }
}
