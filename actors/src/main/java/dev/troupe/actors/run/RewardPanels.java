package dev.troupe.actors.run;

import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.reward.RewardPanel;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.record.Quantity;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.WeightedReward;
import dev.troupe.runtime.settings.EvaluationSettings;
import dev.troupe.runtime.settings.JudgedStage;
import dev.troupe.runtime.settings.RunSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** Which reward judges a ticket: that of the run, or that of the stage where it has its own. */
final class RewardPanels implements RewardPanel, AutoCloseable {
  private final WeightedReward reward;
  private final Map<String, WeightedReward> judges = new HashMap<>();
  private final Function<Ticket, Example> examples;

  RewardPanels(RunSettings settings, RewardCatalog catalog, Function<Ticket, Example> examples) {
    this.examples = examples;
    this.reward =
        settings.reward().isEmpty()
            ? null
            : WeightedReward.from("reward", settings.reward(), catalog);
    settings.stages().stream()
        .filter(JudgedStage.class::isInstance)
        .map(JudgedStage.class::cast)
        .filter(stage -> !stage.judge().isEmpty()) // what is read has been judged before
        .forEach(
            stage ->
                judges.put(
                    stage.name(),
                    WeightedReward.from(
                        "stages." + stage.name() + "." + stage.judgeKey(),
                        stage.judge(),
                        catalog)));
  }

  /** Who judges a ticket; null when only a model's scores are learnt from. */
  private WeightedReward judge(Ticket ticket) {
    return ticket.purpose() == Purpose.EVALUATION
        ? reward
        : judges.getOrDefault(ticket.id().phase(), reward);
  }

  /** The terms of the reward that judges a ticket; empty when no function does. */
  List<WeightedReward.Component> components(Ticket ticket) {
    WeightedReward judge = judge(ticket);
    return judge == null ? List.of() : judge.components();
  }

  @Override
  public Outcome judge(Ticket ticket, Rollout rollout) {
    if (rollout.interplay().outcome().orElse(null) instanceof Outcome.Failed failed) {
      return failed;
    }
    WeightedReward judge = judge(ticket);
    if (judge == null) { // Only a model's scores are learnt from.
      return new Outcome.Scored(0, Map.of());
    }
    return judge.judge(examples.apply(ticket), rollout.attempt());
  }

  /**
   * What evaluations find out beside the reward.
   *
   * @throws RunException if the best is to be chosen by a reward that there is not
   */
  EvaluationWishes wishes(EvaluationSettings wanted) {
    List<String> names =
        reward == null
            ? List.of()
            : reward.components().stream().map(WeightedReward.Component::name).toList();
    wanted
        .bestOfBy()
        .filter(
            name -> !names.contains(name) && wanted.rewardModel().filter(name::equals).isEmpty())
        .ifPresent(
            name -> {
              throw new RunException(
                  "evaluate.best-of-by = \"%s\" names no reward of the run and no reward-model stage; choose one of %s, or add it to reward, with weight 0 if it should choose only."
                      .formatted(name, String.join(", ", names)));
            });
    return new EvaluationWishes(
        new BestOfChoice(wanted.bestOf(), wanted.bestOfBy()),
        wanted.rewardModel(),
        wanted.filters(),
        wanted.filterBins(),
        wanted.reference());
  }

  /** Lets go of what rewards hold, such as models. */
  @Override
  public void close() {
    Stream.concat(Stream.ofNullable(reward), judges.values().stream())
        .forEach(WeightedReward::close);
  }

  /** The total from which a completion counts as right. */
  double fullMark() {
    return reward == null ? Double.POSITIVE_INFINITY : reward.fullMark();
  }

  /**
   * What evaluations measure: right or wrong where the reward of the run says so, else its mean.
   */
  Quantity quantity() {
    return reward != null && reward.isVerifiable() ? Quantity.ACCURACY : Quantity.MEAN_REWARD;
  }
}
