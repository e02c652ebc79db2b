package dev.troupe.actors.stage;

import dev.troupe.actors.protocol.RewardScorer;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.RewardModel;
import java.util.List;

/** A course whose result is measured with frozen models beside, which it publishes at its end. */
final class MeasuredCourse implements Course {
  private final Course course;
  private final StagePlan plan;
  private final Workbench bench;
  private final Measuring measuring;
  private final Shelf shelf;

  MeasuredCourse(Course course, StagePlan plan, Workbench bench, Measuring measuring) {
    this.course = course;
    this.plan = plan;
    this.bench = bench;
    this.measuring = measuring;
    this.shelf = new Shelf(bench.exchange());
  }

  @Override
  public List<VersionSet> open() {
    return course.open();
  }

  @Override
  public StepResult train(long step, List<ScoredGroup> groups) {
    return course.train(step, groups);
  }

  @Override
  public List<Credit> credits() {
    return course.credits();
  }

  @Override
  public Runnable save(long stepsDone) {
    return course.save(stepsDone);
  }

  @Override
  public void assist(long stepsDone) {
    course.assist(stepsDone);
  }

  @Override
  public void abandon(String reason) {
    course.abandon(reason);
  }

  @Override
  public VersionSet conclude() {
    VersionSet end = course.conclude();
    PolicyVersion reference =
        measuring.reference(Measuring.subject(plan.name())).map(this::publish).orElse(null);
    RewardScorer scorer = measuring.rewardModel().map(this::scorer).orElse(null);
    return new VersionSet(
        end.step(), end.policy(), new ScoringModels(reference, null, null, scorer));
  }

  private RewardScorer scorer(RewardModel model) {
    return new RewardScorer(publish(model.name()), model.view());
  }

  private PolicyVersion publish(String stage) {
    DecoderWeights weights = bench.result(stage);
    PolicyVersion version = bench.version(plan.version(plan.steps()), weights.digest());
    shelf.put(version, weights);
    return version;
  }

  @Override
  public void close() {
    shelf.close();
    course.close();
  }
}
