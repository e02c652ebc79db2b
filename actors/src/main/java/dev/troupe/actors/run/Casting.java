package dev.troupe.actors.run;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.RewardFunction;
import java.util.function.Function;

/**
 * What a program brings into the company of its process: own reward functions, and own actors for
 * any role. Each role is given the usual behaviour, to be wrapped, or left unused at no cost.
 * Immutable.
 *
 * <p>An own actor keeps the contract of its role, which is in the Javadoc of the role's messages: a
 * message may come twice; an answer may be given twice; work that fails is answered as failed, not
 * left without an answer. One that throws is started again after a pause. In a run of many nodes
 * only the nodes whose program says so play a role this way; rewards must be known to every node.
 */
public final class Casting {
  private static final Casting USUAL =
      new Casting(
          RewardCatalog.standard(),
          (usual, name, supervisor) -> usual,
          (usual, examples) -> usual,
          usual -> usual,
          (usual, experience) -> usual);

  /** Plays a generator. */
  @FunctionalInterface
  public interface GeneratorRole {
    /**
     * A behaviour that asks the supervisor for work, see {@link SupervisorCommand.RequestWork}, and
     * answers {@link Generator.Grant} and {@link Generator.Adopt}.
     *
     * @param usual what plays the role otherwise
     * @param name unique among the generators of the run
     * @param supervisor gives work
     */
    Behavior<Generator.Command> play(
        Behavior<Generator.Command> usual, String name, ActorRef<SupervisorCommand> supervisor);
  }

  /** Plays a reward actor. */
  @FunctionalInterface
  public interface RewardRole {
    /**
     * A behaviour that answers every {@link Reward.Score} with an {@link Experience.GroupRewarded}
     * for each of its groups.
     *
     * @param usual what plays the role otherwise
     * @param examples the example of a ticket; to be called by any thread
     */
    Behavior<Reward.Command> play(
        Behavior<Reward.Command> usual, Function<Ticket, Example> examples);
  }

  /** Plays a reference actor. */
  @FunctionalInterface
  public interface ReferenceRole {
    /**
     * A behaviour that answers every {@link Reference.Score} with an {@link
     * Experience.GroupReferenced} for each of its groups.
     *
     * @param usual what plays the role otherwise
     */
    Behavior<Reference.Command> play(Behavior<Reference.Command> usual);
  }

  /** Plays a learner. */
  @FunctionalInterface
  public interface LearnerRole {
    /**
     * A behaviour that carries out every {@link Learner.Order}, answering each by its number.
     *
     * @param usual what plays the role otherwise
     * @param experience beside it, gives the scored groups
     */
    Behavior<Learner.Command> play(
        Behavior<Learner.Command> usual, ActorRef<Experience.Command> experience);
  }

  private final RewardCatalog rewards;
  private final GeneratorRole generator;
  private final RewardRole reward;
  private final ReferenceRole reference;
  private final LearnerRole learner;

  private Casting(
      RewardCatalog rewards,
      GeneratorRole generator,
      RewardRole reward,
      ReferenceRole reference,
      LearnerRole learner) {
    this.rewards = rewards;
    this.generator = generator;
    this.reward = reward;
    this.reference = reference;
    this.learner = learner;
  }

  /** Nothing of one's own. */
  public static Casting usual() {
    return USUAL;
  }

  /**
   * With a reward function, which recipes call {@code kind = NAME}. Every node of the run must know
   * it: in a cluster either all of them are started by a program that says so, or the function is a
   * public class in {@code TROUPE_CLASSPATH} that the recipe names by {@code kind = java}.
   *
   * @throws IllegalArgumentException if there is a reward of this name
   */
  public Casting with(RewardFunction function) {
    RewardCatalog more = rewards.with(function.name(), section -> () -> function);
    return new Casting(more, generator, reward, reference, learner);
  }

  /** With other generators. */
  public Casting withGenerator(GeneratorRole role) {
    return new Casting(rewards, role, reward, reference, learner);
  }

  /** With another reward actor. */
  public Casting withReward(RewardRole role) {
    return new Casting(rewards, generator, role, reference, learner);
  }

  /** With another reference actor. */
  public Casting withReference(ReferenceRole role) {
    return new Casting(rewards, generator, reward, role, learner);
  }

  /** With another learner. */
  public Casting withLearner(LearnerRole role) {
    return new Casting(rewards, generator, reward, reference, role);
  }

  RewardCatalog rewards() {
    return rewards;
  }

  GeneratorRole generator() {
    return generator;
  }

  RewardRole reward() {
    return reward;
  }

  ReferenceRole reference() {
    return reference;
  }

  LearnerRole learner() {
    return learner;
  }
}
