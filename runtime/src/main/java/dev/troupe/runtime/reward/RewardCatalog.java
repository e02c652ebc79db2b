package dev.troupe.runtime.reward;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.reward.code.CodeReward;
import dev.troupe.runtime.reward.http.HttpReward;
import dev.troupe.runtime.reward.http.JudgeReward;
import dev.troupe.runtime.reward.instruction.InstructionReward;
import dev.troupe.runtime.reward.maths.MathsAnswer;
import dev.troupe.runtime.reward.model.EmbeddingSimilarity;
import dev.troupe.runtime.reward.model.ImplicitReward;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.settings.Kinds;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;

/**
 * The kinds of reward functions there are, by name. A new kind is a {@link RewardFactory} and one
 * registration: with {@link #with} in a program, or in {@link #standard} here. A user's class needs
 * neither: {@code kind = java} loads it by its name. Immutable.
 */
public final class RewardCatalog {
  private static final RewardCatalog STANDARD =
      new RewardCatalog(
              Kinds.none(ConfigFactory.parseResources(RewardCatalog.class, "reward-defaults.conf")))
          .with(CodeReward.KIND, CodeReward::read)
          .with(DigitPlacement.KIND, reward -> DigitPlacement::new)
          .with(EmbeddingSimilarity.KIND, EmbeddingSimilarity::read)
          .with(EnvironmentReward.KIND, EnvironmentReward::read)
          .with(ExactMatch.KIND, reward -> ExactMatch::new)
          .with(FinalAnswer.KIND, FinalAnswer::read)
          .with(HttpReward.KIND, HttpReward::read)
          .with(ImplicitReward.KIND, ImplicitReward::read)
          .with(InstructionReward.KIND, InstructionReward::read)
          .with(JavaReward.KIND, JavaReward::read)
          .with(JsonSchemaReward.KIND, JsonSchemaReward::read)
          .with(JudgeReward.KIND, JudgeReward::read)
          .with(LengthReward.KIND, LengthReward::read)
          .with(MathsAnswer.KIND, MathsAnswer::read)
          .with(NormalisedMatch.KIND, NormalisedMatch::read)
          .with(NumericAnswer.KIND, reward -> NumericAnswer::new)
          .with(RegularExpression.KIND, RegularExpression::read)
          .with(Repetition.KIND, Repetition::read)
          .with(StatedConfidence.KIND, reward -> StatedConfidence::new)
          .with(StyleObjective.KIND, StyleObjective::read)
          .with(WordListSentiment.KIND, WordListSentiment::read);

  private final Kinds<RewardFactory> kinds;

  private RewardCatalog(Kinds<RewardFactory> kinds) {
    this.kinds = kinds;
  }

  /** The kinds that ship with the project. */
  public static RewardCatalog standard() {
    return STANDARD;
  }

  /**
   * A catalog with one more kind.
   *
   * @throws IllegalArgumentException if there is a kind of this name already
   */
  public RewardCatalog with(String kind, RewardFactory factory) {
    return new RewardCatalog(kinds.with(kind, factory));
  }

  /** The names of the kinds. */
  public SortedSet<String> kinds() {
    return kinds.names();
  }

  /**
   * Makes the reward function that a section describes. Its key {@code kind} names the factory;
   * keys that are left out take the defaults of the kind, which {@code reward-defaults.conf} beside
   * this class lists and explains.
   *
   * @throws dev.troupe.runtime.settings.SettingsException if the kind is unknown or a setting is
   *     bad, with all mistakes
   * @throws dev.troupe.runtime.data.DataException if a data file is bad
   */
  public RewardFunction create(Config reward) {
    var section = new Checked(complete(reward), "reward");
    Optional<Supplier<RewardFunction>> function = read(section);
    section.throwIfAny();
    return function.orElseThrow().get();
  }

  /** The section with the defaults of its kind. */
  Config complete(Config reward) {
    return kinds.complete(reward);
  }

  /** What makes the function of a completed section; empty if its kind is a mistake. */
  Optional<Supplier<RewardFunction>> read(Checked reward) {
    return kinds.choose(reward).map(factory -> factory.read(reward));
  }
}
