package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.algorithms.dapo.OverlongPenalty;
import dev.troupe.algorithms.kl.AdaptiveKl;
import dev.troupe.algorithms.offpolicy.StalenessBound;
import java.util.Arrays;
import java.util.Map;

/** What steers a run around its loss: coefficients, penalties, admission. */
final class ControlVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "foundations";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "adaptive_kl_controller", ControlVectors::adaptiveKl,
        "dapo_soft_overlong_penalty", ControlVectors::overlongPenalty,
        "staleness_capacity", ControlVectors::staleness);
  }

  private static Map<String, Object> adaptiveKl(VectorCase vector, NDManager manager) {
    var controller =
        new AdaptiveKl(vector.param("init"), vector.param("target"), vector.param("horizon"));
    double[] observed = vector.vector("observed_kl");
    double[] coefficients = new double[observed.length];
    for (int i = 0; i < observed.length; i++) {
      controller = controller.after(observed[i], (long) vector.param("n_steps_per_update"));
      coefficients[i] = controller.coefficient();
    }
    return Map.of("coefficient_after_each", coefficients);
  }

  private static Map<String, Object> overlongPenalty(VectorCase vector, NDManager manager) {
    var penalty =
        new OverlongPenalty(
            (int) vector.param("max_length"), (int) vector.param("buffer"), vector.param("factor"));
    double[] lengths = vector.vector("lengths");
    return Map.of(
        "penalty", Arrays.stream(lengths).map(length -> penalty.of((int) length)).toArray());
  }

  private static Map<String, Object> staleness(VectorCase vector, NDManager manager) {
    var bound =
        new StalenessBound(
            (int) vector.param("batch_size"),
            (int) vector.param("max_staleness"),
            (int) vector.param("max_concurrent"));
    JsonNode states = vector.inputs().get("version_accepted_running");
    long[] allowed = new long[states.size()];
    for (int i = 0; i < allowed.length; i++) {
      JsonNode state = states.get(i);
      allowed[i] =
          bound.allowed(state.get(0).asLong(), state.get(1).asLong(), state.get(2).asLong());
    }
    return Map.of("new_rollouts_allowed", allowed);
  }
}
