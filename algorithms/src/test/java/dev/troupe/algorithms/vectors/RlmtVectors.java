package dev.troupe.algorithms.vectors;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.algorithms.advantage.Deviation;
import dev.troupe.algorithms.advantage.GroupAdvantage;
import dev.troupe.algorithms.rlmt.AnswerExtraction;
import dev.troupe.algorithms.rlmt.AnswerExtraction.Occurrence;
import dev.troupe.algorithms.rlmt.LossCoverage;
import dev.troupe.algorithms.testing.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Extraction of answers, and the loss on everything generated. */
final class RlmtVectors implements VectorFamily {
  @Override
  public String algorithm() {
    return "rlmt";
  }

  @Override
  public Map<String, VectorRunner> runners() {
    return Map.of(
        "extract_response_tags_lenient", RlmtVectors::extraction,
        "extract_response_tags_strict", RlmtVectors::extraction,
        "extract_think_close_delimiter", RlmtVectors::extraction,
        "group_of_8_advantage", RlmtVectors::advantage,
        "loss_covers_thinking_tokens", RlmtVectors::loss);
  }

  private static Map<String, Object> extraction(VectorCase vector, NDManager manager) {
    JsonNode params = vector.params();
    AnswerExtraction extraction =
        new AnswerExtraction(
            params.path("delimiter").textValue(),
            params.path("end_delimiter").textValue(),
            params.path("strict").asBoolean(),
            params.path("first_occurrence").asBoolean(true) ? Occurrence.FIRST : Occurrence.LAST);
    List<String> answers = new ArrayList<>();
    vector
        .inputs()
        .get("texts")
        .forEach(text -> answers.add(extraction.of(text.asText()).answer()));
    return Map.of("scored_text", answers);
  }

  private static Map<String, Object> advantage(VectorCase vector, NDManager manager) {
    Deviation deviation = Deviation.valueOf(vector.text("std").toUpperCase(Locale.ROOT));
    return Map.of(
        "advantage",
        GroupAdvantage.normalised(deviation, vector.param("eps"))
            .of(vector.vector("reward_model_score")));
  }

  private static Map<String, Object> loss(VectorCase vector, NDManager manager) {
    double[][] response = vector.matrix("response_mask");
    double[][] thinking = vector.matrix("is_thinking_token");
    double[] reward = vector.vector("reward");
    double[] advantage = new double[reward.length];
    int group = (int) vector.param("group_size");
    for (int from = 0; from < reward.length; from += group) {
      double[] one = GroupAdvantage.normalised().of(Arrays.copyOfRange(reward, from, from + group));
      System.arraycopy(one, 0, advantage, from, group);
    }
    double[][] mask = new double[response.length][];
    for (int b = 0; b < mask.length; b++) {
      boolean[] isThinking = new boolean[response[b].length];
      for (int t = 0; t < isThinking.length; t++) {
        isThinking[t] = thinking[b][t] == 1;
      }
      double[] covered = Torch.widen(LossCoverage.ALL_GENERATED.mask(isThinking));
      mask[b] = Ragged.masked(new double[][] {covered}, new double[][] {response[b]})[0];
    }
    GroupPolicy.Step step = GroupPolicy.step(vector, manager, advantage, mask);
    return Map.of(
        "advantage", advantage,
        "loss", step.loss(),
        "dloss_dlogprob", step.gradient(),
        "gradient_on_thinking_tokens_nonzero", movesEveryThought(step.gradient(), mask, thinking));
  }

  private static boolean movesEveryThought(
      double[][] gradient, double[][] mask, double[][] thinking) {
    for (int b = 0; b < mask.length; b++) {
      for (int t = 0; t < mask[b].length; t++) {
        if (mask[b][t] == 1 && thinking[b][t] == 1 && gradient[b][t] == 0) {
          return false;
        }
      }
    }
    return true;
  }
}
