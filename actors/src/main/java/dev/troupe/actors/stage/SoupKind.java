package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.algorithms.salsa.SoupGuard;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.record.Metric;
import dev.troupe.runtime.settings.SoupStage;
import dev.troupe.runtime.settings.StageSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The weighted mean of the weights of earlier stages, after a look at whether they fit together.
 */
final class SoupKind implements StageKind<SoupStage> {
  private static final String DISTANCE = "soup/distance";
  private static final String COSINE = "soup/cosine";

  @Override
  public StagePlan plan(SoupStage settings, PlanContext context) {
    return new StagePlan(
        settings.name(),
        "soup",
        1,
        context.firstVersion(),
        Optional.empty(),
        0,
        true,
        1,
        context.deadlines(settings.name()),
        Metric.named(DISTANCE));
  }

  @Override
  public Course course(SoupStage settings, StagePlan plan, Workbench bench) {
    return new MadeCourse(plan, bench, () -> make(settings, bench));
  }

  private static MadeCourse.Made make(SoupStage settings, Workbench bench) {
    var members = new ArrayList<DecoderWeights>();
    try {
      settings.of().forEach(stage -> members.add(bench.result(stage)));
      double[] shares = settings.weights().stream().mapToDouble(Double::doubleValue).toArray();
      return new MadeCourse.Made(Soup.of(members, shares), likeness(settings, bench, members));
    } catch (IllegalArgumentException e) {
      throw new RunException(
          "Stage %s cannot mix %s: %s.".formatted(settings.name(), settings.of(), e.getMessage()),
          e);
    } finally {
      members.forEach(DecoderWeights::close);
    }
  }

  /** Distance and angle of the first two members, seen from what both were tuned from. */
  private static Map<String, Double> likeness(
      SoupStage settings, Workbench bench, List<DecoderWeights> members) {
    var metrics = new LinkedHashMap<String, Double>();
    Optional<String> base = commonBase(settings, bench);
    if (base.isPresent()) {
      try (DecoderWeights weights = bench.result(base.get())) {
        SoupGuard.Likeness likeness = Soup.compare(weights, members.get(0), members.get(1));
        metrics.put(DISTANCE, likeness.distance());
        metrics.put(COSINE, likeness.cosine());
      }
    }
    return metrics;
  }

  private static Optional<String> commonBase(SoupStage settings, Workbench bench) {
    List<String> origins =
        bench.settings().stages().stream()
            .filter(stage -> settings.of().subList(0, 2).contains(stage.name()))
            .map(StageSettings::from)
            .distinct()
            .toList();
    boolean shared = origins.size() == 1 && !settings.of().contains(origins.get(0));
    return shared ? Optional.of(origins.get(0)) : Optional.empty();
  }
}
