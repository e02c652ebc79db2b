package dev.troupe.runtime.environment;

import dev.troupe.runtime.data.Example;
import java.util.Optional;

/**
 * The world of one episode: it is told what a policy said and answers, turn by turn. Each rollout
 * has an instance of its own, whose methods are called by one thread at a time, not always the same
 * one, each within a deadline.
 *
 * <p>Equal examples, seeds and actions give equal answers: a rollout may be made again elsewhere.
 * What goes wrong is thrown, and the rollout fails with that reason; a reward is never put in place
 * of a failure.
 */
public interface Environment extends AutoCloseable {

  /**
   * Begins the episode. The policy has read the prompt of the example.
   *
   * @param example the task
   * @param seed of whatever is drawn; the same for all samples of a prompt, so that they can be
   *     compared
   * @throws Exception if there can be no episode; the message becomes the reason of the failure
   */
  void reset(Example example, long seed) throws Exception;

  /**
   * Answers a turn of the policy.
   *
   * @param action what the policy said, without the token or text that ended it
   * @throws Exception if there is no answer; the message becomes the reason of the failure. What
   *     the policy did wrong is no failure but something to answer.
   */
  Step step(String action) throws Exception;

  /**
   * What a good policy would say now, for supervised fine-tuning.
   *
   * @return empty if the environment cannot show it
   * @throws Exception if something went wrong
   */
  default Optional<String> demonstrate() throws Exception {
    return Optional.empty();
  }

  /** Releases what the episode holds. */
  @Override
  default void close() {}

  /**
   * An environment's answer.
   *
   * @param observation what the policy reads next; of no meaning when the episode is done
   * @param reward what the turn has earned; an episode earns the sum
   * @param isDone whether the episode is over
   */
  record Step(String observation, double reward, boolean isDone) {
    /** Refuses a reward that is not a finite number. */
    public Step {
      if (!Double.isFinite(reward)) {
        throw new IllegalArgumentException("the reward " + reward + " of a step is not finite");
      }
    }

    /** An answer to go on with, which earns nothing. */
    public static Step next(String observation) {
      return new Step(observation, 0, false);
    }

    /** The end. */
    public static Step done(double reward) {
      return new Step("", reward, true);
    }
  }
}
