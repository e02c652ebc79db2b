package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.data.Comparison;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.environment.Episodes;
import dev.troupe.runtime.environment.World;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How examples become tokens for one model: the same way for sampling, scoring and training.
 *
 * @param tokenizer of the model
 * @param config of the model
 * @param episodes where several turns are played; empty where a completion answers a prompt
 */
public record PromptTokens(Tokenizer tokenizer, DecoderConfig config, Optional<Episodes> episodes) {

  /** Prompts that one completion answers. */
  public PromptTokens(Tokenizer tokenizer, DecoderConfig config) {
    this(tokenizer, config, Optional.empty());
  }

  /**
   * The prompt as the model sees it.
   *
   * @throws RunException if it has no token or leaves no room for one more in the context
   */
  public int[] prompt(Example example) {
    int[] tokens = tokenizer.encode(example.prompt(), true);
    if (tokens.length == 0) {
      throw new RunException(
          "The prompt of example %s is empty, and the tokenizer has no token that begins a text; give it a text."
              .formatted(example.id()));
    }
    if (tokens.length >= config.context()) {
      throw new RunException(
          "The prompt of example %s has %d tokens, and the model's context holds %d, so no completion fits; shorten the prompts or use a model with a longer context."
              .formatted(example.id(), tokens.length, config.context()));
    }
    return tokens;
  }

  /**
   * What is to be learnt of an example: the answer behind the prompt, or a demonstrated episode.
   *
   * @param seed of whatever an environment draws
   * @throws RunException if nothing is demonstrated or it does not fit into the context
   */
  public TrainingSequence demonstration(Example example, long seed) {
    boolean isPlayed =
        episodes.filter(it -> it.world().player() instanceof World.Turns).isPresent();
    return isPlayed
        ? new DemonstratedEpisode(this, episodes.get()).of(example, seed)
        : demonstration(example);
  }

  /**
   * The prompt with its answer and the token that ends a text, to be learnt.
   *
   * @throws RunException if there is no answer or the whole does not fit into the context
   */
  public TrainingSequence demonstration(Example example) {
    if (example.answer() == null) {
      throw new RunException(
          "Example %s has no answer to learn from; supervised fine-tuning needs a task with answers."
              .formatted(example.id()));
    }
    int[] prompt = prompt(example);
    int[] answer = tokenizer.encode(example.answer());
    int end = tokenizer.eosToken();
    int[] tokens =
        Arrays.copyOf(prompt, prompt.length + answer.length + (end == Tokenizer.NONE ? 0 : 1));
    System.arraycopy(answer, 0, tokens, prompt.length, answer.length);
    if (end != Tokenizer.NONE) {
      tokens[tokens.length - 1] = end;
    }
    if (tokens.length > config.context()) {
      throw new RunException(
          "Example %s has %d tokens with its answer, and the model's context holds %d; shorten it or use a model with a longer context."
              .formatted(example.id(), tokens.length, config.context()));
    }
    return new TrainingSequence(tokens, prompt.length);
  }

  /**
   * The prompt of a row with one of its completions and the token that ends a text.
   *
   * @throws RunException if the whole does not fit into the context
   */
  public TrainingSequence sequence(Comparison row, Comparison.Candidate candidate) {
    return demonstration(new Example(row.id(), row.prompt(), candidate.text(), Map.of()));
  }

  /**
   * What the model wrote, without the token or the text that ended it.
   *
   * @param stopStrings texts that end a completion
   */
  public String text(Completion completion, List<String> stopStrings) {
    int[] tokens = completion.tokens();
    if (completion.finish() == FinishReason.STOP_TOKEN) {
      tokens = Arrays.copyOf(tokens, tokens.length - 1);
    }
    String text = tokenizer.decodeContinuation(tokens);
    if (completion.finish() == FinishReason.STOP_STRING) {
      int end = text.length();
      for (String stop : stopStrings) {
        int at = text.indexOf(stop);
        end = at < 0 ? end : Math.min(end, at);
      }
      text = text.substring(0, end);
    }
    return text;
  }

  /** The tokens that end a completion: those of the model and that of the tokenizer. */
  public List<Integer> stopTokens() {
    Set<Integer> stop = new LinkedHashSet<>(config.eosTokens());
    if (tokenizer.eosToken() != Tokenizer.NONE) {
      stop.add(tokenizer.eosToken());
    }
    return new ArrayList<>(stop);
  }
}
