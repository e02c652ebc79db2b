package dev.troupe.runtime.reward.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.http.CallException;
import dev.troupe.runtime.http.CallSettings;
import dev.troupe.runtime.http.JsonCaller;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.Checked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The score that a server gives. It is posted {@code {"completions": [{"id", "prompt",
 * "completion", "answer", "fields"}, ...]}} and answers {@code {"scores": [0.5, {"error": "why"},
 * ...]}}, one for each in their order.
 */
public final class HttpReward implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "http";

  private final JsonCaller caller;
  private final Batcher<Question, JsonNode> batcher;

  private record Question(Example example, String completion) {}

  HttpReward(JsonCaller caller, int batch, Duration wait, Duration deadline) {
    this.caller = caller;
    this.batcher = new Batcher<>(batch, wait, deadline.plus(wait), this::call);
  }

  /** The {@code RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    CallSettings settings = CallSettings.read(reward);
    int batch = reward.integer("batch", 1, 100_000);
    Duration wait = reward.duration("batch-wait", Duration.ZERO, Duration.ofMinutes(1));
    return () -> new HttpReward(new JsonCaller(settings), batch, wait, settings.deadline());
  }

  @Override
  public String name() {
    return KIND;
  }

  /**
   * @throws CallException if the server gives no number
   */
  @Override
  public double score(Example example, String completion) throws Exception {
    JsonNode score = batcher.ask(new Question(example, completion));
    if (score.isNumber() && Double.isFinite(score.doubleValue())) {
      return score.doubleValue();
    }
    throw new CallException(
        score.path("error").isTextual()
            ? "the server says: " + score.path("error").textValue()
            : "the server gave %s in place of a number".formatted(score),
        false);
  }

  private List<JsonNode> call(List<Question> questions) throws Exception {
    ObjectNode request = JsonCaller.JSON.createObjectNode();
    ArrayNode completions = request.putArray("completions");
    for (Question question : questions) {
      Example example = question.example();
      ObjectNode one = completions.addObject();
      one.put("id", example.id());
      one.put("prompt", example.prompt());
      one.put("completion", question.completion());
      one.put("answer", example.answer());
      ObjectNode fields = one.putObject("fields");
      example.fields().forEach(fields::put);
    }
    JsonNode scores = caller.call(request).path("scores");
    if (!scores.isArray() || scores.size() != questions.size()) {
      throw new CallException(
          "its answer has %s for %d completions"
              .formatted(
                  scores.isArray() ? scores.size() + " scores" : "no list \"scores\"",
                  questions.size()),
          false);
    }
    var answers = new ArrayList<JsonNode>(scores.size());
    scores.forEach(answers::add);
    return answers;
  }
}
