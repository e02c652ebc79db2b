package dev.troupe.actors.reference;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.RewardScorer;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.actors.stage.RewardReader;
import dev.troupe.actors.stage.Sequences;
import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Scores with the scoring engine and weights from the exchange. */
public final class EngineModels implements FrozenModels {
  /** Tokens of one forward pass: fixed, because it may show in the last bits of a result. */
  private static final int MICRO_BATCH_TOKENS = 8192;

  private final NumericType compute;
  private final WeightsExchange exchange;
  private final PromptTokens prompts;
  private final Map<PolicyVersion, ScoringEngine> held = new HashMap<>();

  /**
   * @param exchange where versions are borrowed
   * @param prompts how the texts that a reward model reads become tokens
   */
  public EngineModels(NumericType compute, WeightsExchange exchange, PromptTokens prompts) {
    this.compute = compute;
    this.exchange = exchange;
    this.prompts = prompts;
  }

  @Override
  public void hold(List<PolicyVersion> versions) {
    for (PolicyVersion version : new HashSet<>(held.keySet())) {
      if (!versions.contains(version)) {
        held.remove(version).close();
      }
    }
    for (PolicyVersion version : versions) {
      if (!held.containsKey(version)) {
        held.put(version, take(version));
      }
    }
  }

  private ScoringEngine take(PolicyVersion version) {
    try (WeightsExchange.Loan loan = exchange.borrow(version)) {
      String digest = loan.weights().digest();
      if (!digest.equals(version.digest())) {
        throw new IllegalStateException(
            "the weights that arrived for %s have the digest %s".formatted(version, digest));
      }
      return new ScoringEngine(loan.weights(), compute, MICRO_BATCH_TOKENS);
    }
  }

  @Override
  public List<List<float[]>> logps(PolicyVersion version, List<Group> groups, double temperature) {
    return Sequences.byGroup(held.get(version).logps(Sequences.of(groups), temperature), groups);
  }

  @Override
  public List<List<float[]>> scores(RewardScorer scorer, List<Group> groups) {
    var reader = new RewardReader(scorer.view(), prompts);
    var sequences = new ArrayList<TrainingSequence>();
    for (Group group : groups) {
      group.rollouts().forEach(rollout -> sequences.add(reader.of(group, rollout)));
    }
    return byGroup(held.get(scorer.model()).scores(sequences), groups);
  }

  private static List<List<float[]>> byGroup(List<float[]> rows, List<Group> groups) {
    var byGroup = new ArrayList<List<float[]>>(groups.size());
    int from = 0;
    for (Group group : groups) {
      int to = from + group.rollouts().size();
      byGroup.add(rows.subList(from, to));
      from = to;
    }
    return byGroup;
  }

  @Override
  public void close() {
    held.values().forEach(ScoringEngine::close);
    held.clear();
  }
}
