package dev.troupe.runtime.remote;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.http.CallException;

/** What the dialects have in common. */
final class Answers {
  private Answers() {}

  /** Writes what both kinds of servers call by the same names. */
  static void sampling(ObjectNode json, Sampling sampling) {
    json.put("temperature", sampling.temperature());
    json.put("top_p", sampling.topP());
    json.put("min_p", sampling.minP());
    json.put("repetition_penalty", sampling.repetitionPenalty());
    json.put("top_k", sampling.topK() == 0 ? -1 : sampling.topK());
    ArrayNode ids = json.putArray("stop_token_ids");
    sampling.stopTokens().forEach(ids::add);
    if (!sampling.stopStrings().isEmpty()) {
      ArrayNode texts = json.putArray("stop");
      sampling.stopStrings().forEach(texts::add);
    }
    json.put("skip_special_tokens", false);
  }

  static void ids(ArrayNode array, int[] ids) {
    for (int id : ids) {
      array.add(id);
    }
  }

  /**
   * A completion, if it is one.
   *
   * @throws CallException if it is empty, or its parts do not fit
   */
  static Completion completion(int sample, int[] ids, float[] logps, FinishReason finish)
      throws CallException {
    if (ids.length == 0 || ids.length != logps.length) {
      throw new CallException(
          "its answer has %d token ids and %d log-probabilities"
              .formatted(ids.length, logps.length),
          false);
    }
    for (float logp : logps) {
      if (!(logp <= 0)) {
        throw new CallException("its answer has the log-probability " + logp, false);
      }
    }
    return new Completion(sample, ids, logps, finish);
  }
}
