package dev.troupe.actors.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.troupe.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
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

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

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
    Path file = directory.resolve(FILE);
    try {
      JSON.writeValue(file.toFile(), this);
    } catch (IOException e) {
      throw new CheckpointException("cannot write " + file + ": " + e, e);
    }
  }

  static CourseState read(Path directory) {
    Path file = directory.resolve(FILE);
    try {
      return JSON.readValue(Files.readAllBytes(file), CourseState.class);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file + " does not describe a checkpoint of this program; remove the checkpoint", e);
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e, e);
    }
  }
}
