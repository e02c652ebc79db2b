package dev.troupe.actors.stage;

import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code state.json} of a checkpoint: all that a stage needs besides tensors to go on as if nothing
 * had happened. Random numbers are counted, not drawn, so the counters are the random state.
 *
 * @param stage name of the stage
 * @param kind its kind
 * @param step steps done
 * @param optimizerSteps optimizer steps done; more than {@code step} with several passes or batches
 * @param prompts tickets of the stage used so far, which is the position in the shuffled order
 * @param seed of the run
 * @param recipe digest of the settings that the run computes with
 * @param weights digest of the trained weights
 * @param held versions that tickets of coming steps are bound to, oldest first
 */
record CourseState(
    String stage,
    String kind,
    long step,
    long optimizerSteps,
    long prompts,
    long seed,
    String recipe,
    String weights,
    List<Held> held) {

  static final String FILE = "state.json";

  /**
   * The versions in force after some step.
   *
   * @param step steps done then
   * @param policy digest of the policy that samples
   * @param policyFile its weights beside this file; null if they are the checkpoint's own or those
   *     the stage began with
   * @param reference digest of the reference, or null without one
   * @param referenceNumber number of the reference's version
   * @param referenceFile its weights beside this file; null for the one the stage began with
   */
  record Held(
      long step,
      String policy,
      String policyFile,
      String reference,
      long referenceNumber,
      String referenceFile) {}

  void write(Path directory) {
    CheckpointJson.write(directory.resolve(FILE), this);
  }

  static CourseState read(Path directory) {
    return CheckpointJson.read(directory.resolve(FILE), new TypeReference<>() {});
  }
}
