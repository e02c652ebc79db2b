package dev.troupe.runtime.reward.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.http.CallException;
import dev.troupe.runtime.http.CallSettings;
import dev.troupe.runtime.http.JsonCaller;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a language model says of a completion by a rubric, over an OpenAI-compatible endpoint for
 * chat completions: a number on a scale, which becomes 0 to 1. The judge is asked for {@code
 * {"score": n}}, and may think before.
 */
public final class JudgeReward implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "judge";

  /** The last object with a score; objects in it have no place there. */
  private static final Pattern OBJECT = Pattern.compile("\\{[^{}]*\"score\"[^{}]*}");

  private final JsonCaller caller;
  private final Question question;

  /**
   * What the judge is asked.
   *
   * @param model its name on the server
   * @param rubric template of the question, with prompt, completion, answer and all fields
   * @param system what is said before; empty for nothing
   * @param lowest end of the scale that becomes 0
   * @param highest end of the scale that becomes 1
   * @param maxTokens longest answer
   * @param temperature of the judge
   */
  record Question(
      String model,
      PromptTemplate rubric,
      Optional<String> system,
      double lowest,
      double highest,
      int maxTokens,
      double temperature) {}

  JudgeReward(JsonCaller caller, Question question) {
    this.caller = caller;
    this.question = question;
  }

  /** The {@code RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    CallSettings settings = CallSettings.read(reward);
    var question =
        new Question(
            reward.text("model"),
            reward.parsed("rubric", PromptTemplate::parse),
            reward.optional("system", reward::text),
            reward.decimal("lowest", -1e6, 1e6),
            reward.decimal("highest", -1e6, 1e6),
            reward.integer("max-tokens", 1, 1_000_000),
            reward.decimal("temperature", 0, 2));
    if (reward.isSound("lowest", "highest") && question.lowest() >= question.highest()) {
      reward.clash("lowest", "is not below " + reward.quote("highest"), "lower it");
    }
    if (question.rubric() != null && !question.rubric().fields().contains("completion")) {
      reward.refuse("rubric", "has no {completion}", "write where the completion stands");
    }
    return () -> new JudgeReward(new JsonCaller(settings), question);
  }

  @Override
  public String name() {
    return KIND;
  }

  /**
   * @return a number in [0, 1]
   * @throws CallException if the server gives no answer, or the judge no number on its scale
   */
  @Override
  public double score(Example example, String completion) throws Exception {
    JsonNode answer = caller.call(request(example, completion));
    JsonNode content = answer.path("choices").path(0).path("message").path("content");
    if (!content.isTextual()) {
      throw new CallException("its answer has no choices[0].message.content", false);
    }
    double score = number(content.textValue());
    if (!(question.lowest() <= score && score <= question.highest())) {
      throw new CallException(
          "the judge said %s, which is not on the scale from %s to %s"
              .formatted(score, question.lowest(), question.highest()),
          false);
    }
    return (score - question.lowest()) / (question.highest() - question.lowest());
  }

  private ObjectNode request(Example example, String completion) {
    Map<String, String> fields = new HashMap<>(example.fields());
    fields.put("prompt", example.prompt());
    if (example.answer() != null) {
      fields.put("answer", example.answer());
    }
    fields.put("completion", completion);
    ObjectNode request = JsonCaller.JSON.createObjectNode();
    request.put("model", question.model());
    request.put("temperature", question.temperature());
    request.put("max_tokens", question.maxTokens());
    ArrayNode messages = request.putArray("messages");
    question.system().ifPresent(text -> message(messages, "system", text));
    message(messages, "user", question.rubric().render(fields));
    return request;
  }

  private static void message(ArrayNode messages, String role, String content) {
    messages.addObject().put("role", role).put("content", content);
  }

  private static double number(String text) throws CallException {
    String last = null;
    for (Matcher object = OBJECT.matcher(text); object.find(); ) {
      last = object.group();
    }
    if (last != null) {
      try {
        JsonNode score = JsonCaller.JSON.readTree(last).path("score");
        if (score.isNumber()) {
          return score.doubleValue();
        }
      } catch (JsonProcessingException e) {
        // said below: it is no verdict
      }
    }
    String shown = text.length() > 200 ? "…" + text.substring(text.length() - 200) : text;
    throw new CallException("the judge gave no {\"score\": number}: " + shown.strip(), false);
  }
}
