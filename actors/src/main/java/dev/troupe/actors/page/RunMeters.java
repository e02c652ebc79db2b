package dev.troupe.actors.page;

import dev.troupe.actors.supervisor.CompanyState;
import dev.troupe.actors.supervisor.CompanyState.Member;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.record.StepMetrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A run as meters for Prometheus: what adds up over steps is a counter, the newest step of each
 * stage and the state of the company are gauges. Names carry base units, and what can be told apart
 * is a label: {@code troupe_generated_tokens_total{run="quickstart",stage="grpo"}}.
 */
final class RunMeters {
  private static final String PREFIX = "troupe.";
  private static final String COMPONENT = "reward/component/";

  /** Metrics that add up, and what they count. */
  private static final Map<Metric, Count> COUNTS =
      Map.of(
          Metric.TOKENS_GENERATED, new Count("generated.tokens", "sampled tokens"),
          Metric.TOKENS_TRAINED, new Count("trained.tokens", "response tokens in losses"),
          Metric.REWARD_FAILED, new Count("failed.scorings", Metric.REWARD_FAILED.meaning()));

  /** Time at work, by role. */
  private static final Map<Metric, String> WORK =
      Map.of(
          Metric.TIME_GENERATE, "generator",
          Metric.TIME_SCORE, "reward",
          Metric.TIME_REFERENCE, "reference",
          Metric.TIME_TRAIN, "learner");

  /** Units of {@link Metric} as names of meters end in them; a rate has its own in its name. */
  private static final Map<String, String> UNITS =
      Map.of(
          "",
          "",
          "s",
          "seconds",
          "tokens",
          "tokens",
          "share",
          "ratio",
          "nats",
          "nats",
          "nats/token",
          "nats_per_token");

  private record Count(String name, String meaning) {}

  /** What a gauge shows. */
  private static final class Reading {
    private volatile double value;
  }

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, Map<Tags, Reading>> readings = new HashMap<>();
  private final Set<Meter> company = new HashSet<>();

  /**
   * @param run name of the run, a label of every meter
   */
  RunMeters(String run) {
    registry.config().commonTags("run", run);
  }

  /** Takes in a step of a stage. */
  synchronized void add(StepMetrics step) {
    Tags stage = Tags.of("stage", step.stage());
    count("steps", "training steps that are done", "", stage, 1);
    gauge("stage.planned.steps", "steps that the stage will have", "", stage, step.totalSteps());
    gauge(
        "stage.elapsed", "time spent in the stage so far", "seconds", stage, step.elapsedSeconds());
    step.values().forEach((name, value) -> add(Metric.named(name), stage, value));
  }

  private void add(Metric metric, Tags stage, double value) {
    Count count = COUNTS.get(metric);
    if (count != null) {
      count(count.name(), count.meaning(), "", stage, value);
    } else if (WORK.containsKey(metric)) {
      Tags role = stage.and("role", WORK.get(metric));
      count(
          "work", "wall time that a role was at work, added up over steps", "seconds", role, value);
    } else if (metric.name().startsWith(COMPONENT)) {
      Tags component = stage.and("component", metric.name().substring(COMPONENT.length()));
      String meaning =
          "mean score of a component of the reward in the newest step, before its weight";
      gauge("reward.component", meaning, "", component, value);
    } else {
      String meaning = metric.meaning().isEmpty() ? metric.name() : metric.meaning();
      gauge(name(metric), meaning, UNITS.getOrDefault(metric.unit(), ""), stage, value);
    }
  }

  /** Without the unit where the registry appends it. */
  private static String name(Metric metric) {
    String name = metric.name().replace('/', '.').replace('-', '.');
    return metric.unit().equals("s") ? name.replaceFirst("\\.seconds$", "") : name;
  }

  /** What adds up is at least 0; a diverged step may have recorded anything. */
  private void count(String name, String meaning, String unit, Tags tags, double amount) {
    Counter counter =
        Counter.builder(PREFIX + name)
            .description(meaning)
            .baseUnit(unit.isEmpty() ? null : unit)
            .tags(tags)
            .register(registry);
    if (amount > 0 && Double.isFinite(amount)) {
      counter.increment(amount);
    }
  }

  private void gauge(String name, String meaning, String unit, Tags tags, double value) {
    readings
            .computeIfAbsent(name, it -> new HashMap<>())
            .computeIfAbsent(tags, it -> registered(name, meaning, unit, tags).reading())
            .value =
        value;
  }

  private record Shown(Reading reading, Gauge gauge) {}

  private Shown registered(String name, String meaning, String unit, Tags tags) {
    var reading = new Reading();
    Gauge gauge =
        Gauge.builder(PREFIX + name, reading, it -> it.value)
            .description(meaning)
            .baseUnit(unit.isEmpty() ? null : unit)
            .tags(tags)
            .strongReference(true)
            .register(registry);
    return new Shown(reading, gauge);
  }

  /** Begins anew: steps are read again, or done again after a restart. */
  synchronized void clear() {
    registry.clear();
    readings.clear();
    company.clear();
  }

  /** Takes in what everybody is doing. Who has left is shown no more. */
  synchronized void attend(CompanyState state) {
    company.forEach(registry::remove);
    company.clear();
    for (Member member : state.members()) {
      Tags tags = tags(member.name());
      now("member.busy", "1 if the member has work, 0 if it is idle", tags, isBusy(member));
      member
          .version()
          .ifPresent(
              version ->
                  now(
                      "member.policy.version",
                      "number of the policy version that the member has proved to hold",
                      tags,
                      version.number()));
    }
    state
        .policy()
        .map(PolicyVersion::number)
        .ifPresent(
            number ->
                now("policy.version", "number of the newest policy version", Tags.empty(), number));
    now("waits", "things that the run cannot go on without", Tags.empty(), state.waits().size());
    state.waits().stream()
        .findFirst()
        .ifPresent(
            wait -> {
              String meaning = "when the oldest wait began, since the epoch";
              double began = wait.since().toEpochMilli() / 1e3;
              now("oldest.wait.timestamp", meaning, "seconds", Tags.empty(), began);
            });
  }

  private void now(String name, String meaning, Tags tags, double value) {
    now(name, meaning, "", tags, value);
  }

  private void now(String name, String meaning, String unit, Tags tags, double value) {
    Shown shown = registered(name, meaning, unit, tags);
    shown.reading().value = value;
    company.add(shown.gauge());
  }

  private static double isBusy(Member member) {
    return member.doing().equals("idle") ? 0 : 1;
  }

  /** Of {@code generator-1@10.0.0.7:25520}: its role, itself and its node, which may be empty. */
  private static Tags tags(String member) {
    int at = member.indexOf('@');
    String own = at < 0 ? member : member.substring(0, at);
    return Tags.of(
        "role",
        own.replaceFirst("-\\d+$", ""),
        "member",
        own,
        "node",
        at < 0 ? "" : member.substring(at + 1));
  }

  /** Notes how many alarms of a kind go on, and whether a process is at the run. */
  synchronized void watch(boolean isAlive, List<String> alarms) {
    gauge("run.alive", "1 if a process is at the run", "", Tags.empty(), isAlive ? 1 : 0);
    readings.getOrDefault("alarms", Map.of()).values().forEach(reading -> reading.value = 0);
    Map<String, Integer> ongoing = new HashMap<>();
    alarms.forEach(alarm -> ongoing.merge(alarm, 1, Integer::sum));
    ongoing.forEach(
        (alarm, count) -> gauge("alarms", "alarms that go on", "", Tags.of("alarm", alarm), count));
  }

  /**
   * Everything in a format of Prometheus.
   *
   * @param type content type of the text format or of OpenMetrics
   */
  String scrape(String type) {
    return registry.scrape(type);
  }
}
