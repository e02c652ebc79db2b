package dev.troupe.actors.run;

import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.stage.Credit;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.reward.WeightedReward;
import dev.troupe.runtime.rollout.RolloutRow;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.tokenizer.StreamingText;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** From groups to the rows of the records. Called by the threads that write them. */
final class RolloutRows {
  private final RunSettings settings;
  private final Tokenizer tokenizer;
  private final Function<Ticket, Example> examples;
  private final Function<Ticket, List<WeightedReward.Component>> rewards;
  private final String chat;
  private final Map<String, String> templates = new ConcurrentHashMap<>();

  /**
   * @param examples what a ticket asks
   * @param rewards who judges a ticket
   * @param chat source of the chat template that writes prompts; empty without one
   */
  RolloutRows(
      RunSettings settings,
      Tokenizer tokenizer,
      Function<Ticket, Example> examples,
      Function<Ticket, List<WeightedReward.Component>> rewards,
      String chat) {
    this.settings = settings;
    this.tokenizer = tokenizer;
    this.examples = examples;
    this.rewards = rewards;
    this.chat = chat;
  }

  /** Whether a ticket is recorded: the same answer whenever it is asked. */
  boolean isWanted(Ticket ticket) {
    double share = settings.records().rolloutShare();
    return share >= 1
        || new SplittableRandom(ticket.seed() ^ Long.rotateLeft(ticket.id().ordinal(), 32))
                .nextDouble()
            < share;
  }

  /** Completions of an evaluation after a stage of so many steps. */
  List<RolloutRow> evaluated(String stage, long steps, Iterable<ScoredGroup> groups) {
    var rows = new ArrayList<RolloutRow>();
    for (ScoredGroup group : groups) {
      if (isWanted(group.ticket())) {
        add(rows, stage, steps, group, Map.of(), false);
      }
    }
    return rows;
  }

  /**
   * Completions that a step was trained on.
   *
   * @param step from 1
   * @param credits what it made of them; empty where the method does not tell
   */
  List<RolloutRow> trained(
      String stage, long step, List<ScoredGroup> groups, List<Credit> credits) {
    var credited = new HashMap<Integer, Map<Integer, Credit>>();
    for (Credit credit : credits) {
      credited.computeIfAbsent(credit.group(), group -> new HashMap<>()).put(credit.row(), credit);
    }
    var rows = new ArrayList<RolloutRow>();
    for (int i = 0; i < groups.size(); i++) {
      if (isWanted(groups.get(i).ticket())) {
        Map<Integer, Credit> ofGroup = credited.getOrDefault(i, Map.of());
        add(rows, stage, step, groups.get(i), ofGroup, !credits.isEmpty());
      }
    }
    return rows;
  }

  private void add(
      List<RolloutRow> rows,
      String stage,
      long step,
      ScoredGroup group,
      Map<Integer, Credit> credits,
      boolean isTold) {
    Ticket ticket = group.ticket();
    Example example = examples.apply(ticket);
    int[] tokens = group.group().promptTokens();
    var prompt =
        new RolloutRow.Prompt(
            example.id(), tokenizer.decode(tokens), tokens, example.answer(), template(stage));
    for (int i = 0; i < group.group().rollouts().size(); i++) {
      Rollout rollout = group.group().rollouts().get(i);
      rows.add(
          new RolloutRow(
              new RolloutRow.Place(
                  stage,
                  ticket.purpose() == Purpose.EVALUATION
                      ? RolloutRow.Purpose.EVALUATION
                      : RolloutRow.Purpose.TRAINING,
                  step,
                  ticket.id().toString(),
                  rollout.sample()),
              prompt,
              sampled(ticket, rollout),
              judged(group, i),
              credit(group, i, credits.get(i), isTold),
              models(ticket.scoring(), rollout.provenance().policy())));
    }
  }

  private String template(String stage) {
    return templates.computeIfAbsent(stage, name -> settings.templateDigest(name, chat));
  }

  private RolloutRow.Sampled sampled(Ticket ticket, Rollout rollout) {
    boolean isTalk = !rollout.interplay().given().isEmpty();
    // The text of a talk is its last turn; its tokens are those of all turns.
    String text = isTalk ? tokenizer.decodeContinuation(rollout.tokens()) : rollout.text();
    return new RolloutRow.Sampled(
        rollout.tokens(),
        text,
        textEnds(rollout.tokens(), text.length()),
        rollout.finish().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        rollout.logps(),
        rollout.provenance().generator(),
        String.valueOf(rollout.provenance().unit()),
        ticket.seed(),
        ticket.draw(),
        rollout.interplay().turns(),
        isTalk ? rollout.shown() : null,
        versions(rollout));
  }

  /** Of each token; null where all are of one version. */
  private static long[] versions(Rollout rollout) {
    Provenance provenance = rollout.provenance();
    if (provenance.renewals().isEmpty()) {
      return null;
    }
    long[] versions = new long[rollout.length()];
    int from = 0;
    for (int i = 0; i < provenance.versions().size(); i++) {
      int to = from + provenance.tokens(i, versions.length);
      Arrays.fill(versions, from, to, provenance.versions().get(i).number());
      from = to;
    }
    return versions;
  }

  /** A stop string, or what a stop token would write, is not part of the text. */
  private int[] textEnds(int[] tokens, int length) {
    var text = new StreamingText(tokenizer);
    int[] ends = new int[tokens.length];
    for (int t = 0; t < ends.length; t++) {
      text.append(tokens[t]);
      ends[t] = Math.min(text.text().length(), length);
    }
    return ends;
  }

  private RolloutRow.Judged judged(ScoredGroup group, int row) {
    Outcome outcome = group.outcomes().get(row);
    Map<String, Double> scores =
        outcome instanceof Outcome.Scored scored ? scored.components() : Map.of();
    List<RolloutRow.Component> components =
        rewards.apply(group.ticket()).stream()
            .map(
                it ->
                    new RolloutRow.Component(
                        it.name(),
                        scores.getOrDefault(it.name(), Double.NaN),
                        it.weight(),
                        it.version()))
            .toList();
    List<float[]> model = group.reference() == null ? null : group.reference().scores();
    return new RolloutRow.Judged(
        outcome instanceof Outcome.Scored scored ? scored.total() : null,
        outcome instanceof Outcome.Failed failed ? failed.reason() : null,
        components,
        model == null ? null : model.get(row));
  }

  private static RolloutRow.Credit credit(
      ScoredGroup group, int row, Credit credit, boolean isTold) {
    List<float[]> reference = group.reference() == null ? null : group.reference().reference();
    float[] referenceLogps = reference == null ? null : reference.get(row);
    if (credit == null) {
      return new RolloutRow.Credit(
          isTold ? 0 : null, null, null, referenceLogps, null, null, null, null);
    }
    boolean[] mask = null;
    if (credit.advantages() != null || credit.policy() != null) {
      mask = new boolean[group.group().rollouts().get(row).length()];
      Arrays.fill(mask, true);
    }
    return new RolloutRow.Credit(
        credit.uses(),
        credit.worth(),
        credit.policy(),
        credit.reference() != null ? credit.reference() : referenceLogps,
        credit.tokenRewards(),
        credit.advantages(),
        mask,
        credit.lesson());
  }

  private static RolloutRow.Models models(ScoringModels scoring, PolicyVersion policy) {
    return new RolloutRow.Models(
        policy.digest(),
        policy.epoch(),
        policy.number(),
        digest(scoring.reference()),
        digest(scoring.shaping()),
        digest(scoring.shapingBase()),
        scoring.reward() == null ? null : digest(scoring.reward().model()));
  }

  private static String digest(PolicyVersion version) {
    return version == null ? null : version.digest();
  }
}
