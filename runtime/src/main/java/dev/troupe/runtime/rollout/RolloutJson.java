package dev.troupe.runtime.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Rollouts as JSON, under the names of the columns; tokens are a list of objects. */
public final class RolloutJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RolloutJson() {}

  /** A row with everything that is known of it; what is not known is left out. */
  public static ObjectNode of(RolloutRow row) {
    ObjectNode out = JSON.createObjectNode();
    out.put("stage", row.place().stage());
    out.put("purpose", row.place().purpose().text());
    out.put("step", row.place().step());
    out.put("ticket", row.place().ticket());
    out.put("sample", row.place().sample());
    out.put("example", row.prompt().example());
    out.put("prompt", row.prompt().text());
    put(out, "answer", row.prompt().answer());
    out.put("template", row.prompt().template());
    ArrayNode prompt = out.putArray("prompt_tokens");
    for (int token : row.prompt().tokens()) {
      prompt.add(token);
    }
    out.put("text", row.sampled().text());
    out.put("finish", row.sampled().finish());
    out.put("turns", row.sampled().turns());
    put(out, "transcript", row.sampled().transcript());
    judged(out, row.judged());
    if (row.credit().uses() != null) {
      out.put("uses", row.credit().uses());
    }
    number(out, "worth", row.credit().worth());
    if (row.credit().lesson() != null) {
      lesson(out, row.credit().lesson());
    }
    models(out.putObject("models"), row.models());
    out.put("generator", row.sampled().generator());
    out.put("unit", row.sampled().unit());
    out.put("seed", row.sampled().seed());
    out.put("draw", row.sampled().draw());
    ArrayNode tokens = out.putArray("tokens");
    for (int t = 0; t < row.length(); t++) {
      token(tokens.addObject(), row, t);
    }
    return out;
  }

  private static void lesson(ObjectNode out, RolloutRow.Lesson lesson) {
    out.put("part", lesson.part());
    put(out, "quantity", lesson.quantity());
    if (!Double.isNaN(lesson.amount())) {
      out.put("amount", lesson.amount());
    }
  }

  private static void judged(ObjectNode out, RolloutRow.Judged judged) {
    number(out, "reward", judged.reward());
    put(out, "failure", judged.failure());
    ArrayNode rewards = out.putArray("rewards");
    for (RolloutRow.Component component : judged.components()) {
      ObjectNode reward = rewards.addObject();
      reward.put("name", component.name());
      if (!Double.isNaN(component.score())) {
        reward.put("score", component.score());
      }
      reward.put("weight", component.weight());
      reward.put("version", component.version());
    }
    if (judged.modelScores() != null) {
      ArrayNode scores = out.putArray("model_scores");
      for (float score : judged.modelScores()) {
        scores.add(score);
      }
    }
  }

  private static void models(ObjectNode out, RolloutRow.Models models) {
    out.put("policy", models.policy());
    out.put("policy_epoch", models.epoch());
    out.put("policy_number", models.number());
    put(out, "reference", models.reference());
    put(out, "shaping", models.shaping());
    put(out, "shaping_base", models.shapingBase());
    put(out, "reward_model", models.reward());
  }

  private static void token(ObjectNode out, RolloutRow row, int t) {
    out.put("id", row.sampled().tokens()[t]);
    out.put("text", row.piece(t));
    out.put("behaviour_logp", row.sampled().logps()[t]);
    if (row.sampled().versions() != null) {
      out.put("policy_number", row.sampled().versions()[t]);
    }
    number(out, "policy_logp", row.credit().policy(), t);
    number(out, "reference_logp", row.credit().reference(), t);
    number(out, "reward", row.credit().tokenRewards(), t);
    number(out, "advantage", row.credit().advantages(), t);
    RolloutRow.Lesson lesson = row.credit().lesson();
    number(out, "pull", lesson == null ? null : lesson.pulls(), t);
    if (row.credit().mask() != null) {
      out.put("trained", row.credit().mask()[t]);
    }
  }

  private static void put(ObjectNode out, String name, String text) {
    if (text != null) {
      out.put(name, text);
    }
  }

  private static void number(ObjectNode out, String name, Double value) {
    if (value != null) {
      out.put(name, value);
    }
  }

  private static void number(ObjectNode out, String name, float[] values, int t) {
    if (values != null) {
      out.put(name, values[t]);
    }
  }
}
