package dev.troupe.runtime.rollout;

import dev.troupe.runtime.rollout.RolloutRow.Component;
import java.sql.SQLException;
import java.util.List;
import org.duckdb.DuckDBAppender;

/** The columns of the files, and how a row fills them: one order, written down once. */
final class RolloutColumns {
  /** The table in memory. Maps are two lists there, because rows are appended column by column. */
  static final String TABLE =
      """
      create table rollouts (
        stage varchar, purpose varchar, step bigint, ticket varchar, sample integer,
        example varchar, prompt varchar, prompt_tokens integer[], answer varchar, template varchar,
        tokens integer[], text varchar, text_ends integer[], finish varchar, behaviour_logps float[],
        generator varchar, unit varchar, seed bigint, draw bigint, turns integer, transcript varchar,
        policy_numbers bigint[], reward double, failure varchar, component_names varchar[], component_scores double[],
        component_weights double[], component_versions varchar[], model_scores float[],
        uses integer, worth double, policy_logps float[], reference_logps float[],
        token_rewards float[], advantages float[], mask boolean[],
        part varchar, quantity varchar, amount double, pulls float[],
        policy varchar, policy_epoch bigint, policy_number bigint, reference varchar,
        shaping varchar, shaping_base varchar, reward_model varchar)
      """;

  /** The same as it is written to files. */
  static final String WRITTEN =
      """
      select * exclude (component_names, component_scores, component_weights, component_versions),
        map(component_names, component_scores) as rewards,
        map(component_names, component_weights) as reward_weights,
        map(component_names, component_versions) as reward_versions
      from rollouts
      """;

  private RolloutColumns() {}

  static void append(DuckDBAppender row, RolloutRow rollout) throws SQLException {
    row.beginRow();
    place(row, rollout.place());
    prompt(row, rollout.prompt());
    sampled(row, rollout.sampled());
    judged(row, rollout.judged());
    credit(row, rollout.credit());
    models(row, rollout.models());
    row.endRow();
  }

  private static void place(DuckDBAppender row, RolloutRow.Place place) throws SQLException {
    row.append(place.stage())
        .append(place.purpose().text())
        .append(place.step())
        .append(place.ticket())
        .append(place.sample());
  }

  private static void prompt(DuckDBAppender row, RolloutRow.Prompt prompt) throws SQLException {
    row.append(prompt.example()).append(prompt.text()).append(prompt.tokens());
    text(row, prompt.answer());
    row.append(prompt.template());
  }

  private static void sampled(DuckDBAppender row, RolloutRow.Sampled sampled) throws SQLException {
    row.append(sampled.tokens())
        .append(sampled.text())
        .append(sampled.textEnds())
        .append(sampled.finish())
        .append(sampled.logps())
        .append(sampled.generator())
        .append(sampled.unit())
        .append(sampled.seed())
        .append(sampled.draw())
        .append(sampled.turns());
    text(row, sampled.transcript());
    if (sampled.versions() == null) {
      row.appendNull();
    } else {
      row.append(sampled.versions());
    }
  }

  private static void judged(DuckDBAppender row, RolloutRow.Judged judged) throws SQLException {
    row.append(judged.reward());
    text(row, judged.failure());
    List<Component> components = judged.components();
    double[] scores = components.stream().mapToDouble(Component::score).toArray();
    boolean[] isUnknown = new boolean[scores.length];
    for (int i = 0; i < scores.length; i++) {
      isUnknown[i] = Double.isNaN(scores[i]);
    }
    row.append(components.stream().map(Component::name).toList())
        .append(scores, isUnknown)
        .append(components.stream().mapToDouble(Component::weight).toArray())
        .append(components.stream().map(Component::version).toList());
    floats(row, judged.modelScores());
  }

  private static void credit(DuckDBAppender row, RolloutRow.Credit credit) throws SQLException {
    row.append(credit.uses()).append(credit.worth());
    floats(row, credit.policy());
    floats(row, credit.reference());
    floats(row, credit.tokenRewards());
    floats(row, credit.advantages());
    if (credit.mask() == null) {
      row.appendNull();
    } else {
      row.append(credit.mask());
    }
    lesson(row, credit.lesson());
  }

  private static void lesson(DuckDBAppender row, RolloutRow.Lesson lesson) throws SQLException {
    text(row, lesson == null ? null : lesson.part());
    text(row, lesson == null ? null : lesson.quantity());
    row.append(lesson == null || Double.isNaN(lesson.amount()) ? null : (Double) lesson.amount());
    floats(row, lesson == null ? null : lesson.pulls());
  }

  private static void models(DuckDBAppender row, RolloutRow.Models models) throws SQLException {
    row.append(models.policy()).append(models.epoch()).append(models.number());
    text(row, models.reference());
    text(row, models.shaping());
    text(row, models.shapingBase());
    text(row, models.reward());
  }

  private static void text(DuckDBAppender row, String text) throws SQLException {
    if (text == null) {
      row.appendNull();
    } else {
      row.append(text);
    }
  }

  private static void floats(DuckDBAppender row, float[] values) throws SQLException {
    if (values == null) {
      row.appendNull();
    } else {
      row.append(values);
    }
  }
}
