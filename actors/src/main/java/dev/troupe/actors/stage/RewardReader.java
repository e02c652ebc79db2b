package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.algorithms.calibration.Confidence;
import dev.troupe.algorithms.rlmt.AnswerExtraction;
import dev.troupe.runtime.settings.RewardView;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.Arrays;

/**
 * Completions as a reward model reads them: the prompt, what its view leaves of the completion, and
 * the token that ends a text, in whose state the score head stands.
 */
public final class RewardReader {
  private final RewardView view;
  private final PromptTokens prompts;
  private final AnswerExtraction extraction;

  /**
   * @param view what is read of a completion
   * @param prompts tokenizer and context of the model
   */
  public RewardReader(RewardView view, PromptTokens prompts) {
    this.view = view;
    this.prompts = prompts;
    this.extraction =
        new AnswerExtraction(
            view.after(),
            view.until().isEmpty() ? null : view.until(),
            view.strict(),
            AnswerExtraction.Occurrence.FIRST);
  }

  /** What is read of a rollout. */
  public TrainingSequence of(Group group, Rollout rollout) {
    return view.kind() == RewardView.Kind.ALL
        ? ended(group.promptTokens(), rollout.tokens())
        : of(group, text(rollout));
  }

  /** The same for another text behind the prompt of a group. */
  TrainingSequence of(Group group, String text) {
    return ended(group.promptTokens(), prompts.tokenizer().encode(text));
  }

  /** Whether a completion holds what the view looks for; of no meaning unless it is an answer. */
  boolean isParsed(Rollout rollout) {
    return view.kind() != RewardView.Kind.ANSWER || extraction.of(rollout.text()).isParsed();
  }

  private String text(Rollout rollout) {
    if (view.kind() == RewardView.Kind.WITHOUT_CONFIDENCE) {
      return Confidence.parse(rollout.text(), Confidence.IF_MISSING).text();
    }
    String answer = extraction.of(rollout.text()).answer();
    // The authors' placeholder may have no token here; an empty answer says the same.
    return answer.equals(AnswerExtraction.NO_ANSWER) ? "" : answer;
  }

  /** Cut where the context ends, and then ended all the same. */
  private TrainingSequence ended(int[] prompt, int[] completion) {
    int end = prompts.tokenizer().eosToken();
    int length = completion.length;
    boolean isEnded = length > 0 && completion[length - 1] == end;
    int ending = end == Tokenizer.NONE ? 0 : 1;
    int kept =
        Math.min(
            isEnded ? length - 1 : length, prompts.config().context() - prompt.length - ending);
    int[] tokens = Arrays.copyOf(prompt, prompt.length + kept + ending);
    System.arraycopy(completion, 0, tokens, prompt.length, kept);
    if (ending > 0) {
      tokens[tokens.length - 1] = end;
    }
    return new TrainingSequence(tokens, prompt.length);
  }
}
