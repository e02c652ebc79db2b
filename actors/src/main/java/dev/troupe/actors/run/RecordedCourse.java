package dev.troupe.actors.run;

import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.stage.Credit;
import dev.troupe.runtime.rollout.RolloutLog;
import java.util.List;

/**
 * A course whose rollouts are written down. They are on the disk before a checkpoint says that
 * their steps are done, and those of steps that will be done again are removed, so every step is
 * there once.
 */
final class RecordedCourse implements Course {
  private final Course course;
  private final String stage;
  private final RolloutRows rows;
  private final RolloutLog log;

  RecordedCourse(Course course, String stage, RolloutRows rows, RolloutLog log) {
    this.course = course;
    this.stage = stage;
    this.rows = rows;
    this.log = log;
  }

  @Override
  public List<VersionSet> open() {
    List<VersionSet> versions = course.open();
    log.truncateAfter(stage, versions.get(versions.size() - 1).step());
    return versions;
  }

  @Override
  public StepResult train(long step, List<ScoredGroup> groups) {
    StepResult result = course.train(step, groups);
    if (!groups.isEmpty()) {
      List<Credit> credits = course.credits();
      long tokens = groups.stream().mapToLong(group -> group.group().tokens()).sum();
      log.add(stage, step + 1, tokens, () -> rows.trained(stage, step + 1, groups, credits));
    }
    return result;
  }

  @Override
  public List<Credit> credits() {
    return course.credits();
  }

  @Override
  public Runnable save(long stepsDone) {
    Runnable writing = course.save(stepsDone);
    return () -> {
      log.flush(); // Rows of later steps may be among them; who goes on from here forgets those.
      writing.run();
    };
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
    log.flush();
    return course.conclude();
  }

  @Override
  public void close() {
    course.close();
  }
}
