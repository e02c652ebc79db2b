package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.environment.Environment;
import dev.troupe.runtime.environment.Environment.Step;
import dev.troupe.runtime.environment.Episodes;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.TrainingSequence;
import dev.troupe.runtime.training.TrainingSequence.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** An episode that the environment shows how to play: its turns are learnt, its answers read. */
final class DemonstratedEpisode {
  private final PromptTokens prompts;
  private final Episodes episodes;

  DemonstratedEpisode(PromptTokens prompts, Episodes episodes) {
    this.prompts = prompts;
    this.episodes = episodes;
  }

  /**
   * Plays it.
   *
   * @param seed of what the environment draws
   * @throws RunException if it cannot be shown, fails or does not fit into the context
   */
  TrainingSequence of(Example example, long seed) {
    try {
      Environment environment =
          value(example, episodes.begin(List.of(new Episodes.Start(example, seed))).get(0));
      try {
        return play(example, environment);
      } finally {
        episodes.close(List.of(environment));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while an episode was demonstrated", e);
    }
  }

  private TrainingSequence play(Example example, Environment environment)
      throws InterruptedException {
    Tokenizer tokenizer = prompts.tokenizer();
    var dialogue = new Dialogue(prompts, episodes.world().role(), example);
    int promptLength = dialogue.length();
    var given = new ArrayList<Span>();
    for (int turn = 1; ; turn++) {
      Optional<String> shown = value(example, episodes.demonstrate(environment));
      String action =
          shown.orElseThrow(
              () ->
                  new RunException(
                      "Environment %s cannot demonstrate example %s; supervised fine-tuning needs one that can, and examples that fit it."
                          .formatted(episodes.world().kind(), example.id())));
      boolean isEnded = tokenizer.eosToken() != Tokenizer.NONE;
      int[] said = tokenizer.encode(action);
      int[] turnTokens = Arrays.copyOf(said, said.length + (isEnded ? 1 : 0));
      if (isEnded) {
        turnTokens[said.length] = tokenizer.eosToken();
      }
      dialogue.say(action, turnTokens, isEnded);
      Step step = value(example, episodes.step(List.of(environment), List.of(action)).get(0));
      if (step.isDone() || turn == episodes.world().maxTurns()) {
        break;
      }
      int from = dialogue.length();
      dialogue.hear(step.observation());
      if (dialogue.length() > from) {
        given.add(new Span(from, dialogue.length()));
      }
    }
    if (dialogue.length() > prompts.config().context()) {
      throw new RunException(
          "The demonstrated episode of example %s has %d tokens, and the model's context holds %d; use fewer turns or a longer context."
              .formatted(example.id(), dialogue.length(), prompts.config().context()));
    }
    return new TrainingSequence(dialogue.tokens(), promptLength, given);
  }

  private <T> T value(Example example, Episodes.Answer<T> answer) {
    if (answer.failure().isPresent()) {
      throw new RunException(
          "Example %s cannot be demonstrated: %s.".formatted(example.id(), answer.failure().get()));
    }
    return answer.value();
  }
}
