package dev.troupe.actors.run;

import dev.troupe.actors.learner.Studio;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.stage.StageKinds;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.Workbench;
import dev.troupe.actors.weights.InProcessExchange;
import dev.troupe.actors.weights.WeightsExchange;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.transport.Circle;
import dev.troupe.runtime.transport.DataPlane;
import dev.troupe.runtime.transport.Place;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** Where the learner of one process gets its courses from. */
final class LearnerStudio implements Studio {
  /** The supervisor gives an order this many times as long as learners give each other. */
  private static final int PATIENCE_PARTS = 2;

  private final RunSettings settings;
  private final Map<String, StagePlan> stages;
  private final Workbench bench;
  private final WeightsExchange exchange;
  private final Optional<DataPlane> plane;
  private final BiFunction<String, Course, Course> recording;

  /**
   * @param stages by their names
   * @param exchange where the lead publishes
   * @param plane by which learners of several nodes give each other gradients; empty for one alone
   * @param recording has what a course of that stage trains on written down, if that is wanted
   */
  LearnerStudio(
      RunSettings settings,
      Map<String, StagePlan> stages,
      Workbench bench,
      WeightsExchange exchange,
      Optional<DataPlane> plane,
      BiFunction<String, Course, Course> recording) {
    this.settings = settings;
    this.stages = stages;
    this.bench = bench;
    this.exchange = exchange;
    this.plane = plane;
    this.recording = recording;
  }

  @Override
  public Course course(String stage) {
    return recording.apply(stage, StageKinds.standard().course(stages.get(stage), bench));
  }

  @Override
  public Optional<Ensemble> ensemble() {
    return plane.map(Shared::new);
  }

  private final class Shared implements Ensemble {
    private final DataPlane own;

    Shared(DataPlane own) {
      this.own = own;
    }

    @Override
    public boolean isShared(String stage) {
      return StageKinds.standard().isShared(settings, stage);
    }

    @Override
    public String endpoint() {
      return own.place().endpoint();
    }

    @Override
    public Course course(String stage, Seat seat) {
      var membership =
          new Circle.Membership(
              seat.crew(), seat.epoch(), seat.endpoints().stream().map(Place::parse).toList());
      var circle = new Circle(own, membership, seat.rank(), patience(stage));
      // Versions are published once, by the lead; the others keep theirs to themselves.
      WeightsExchange published = seat.isLead() ? exchange : new InProcessExchange();
      Course course =
          StageKinds.standard().course(stages.get(stage), bench.sharedBy(circle, published));
      return seat.isLead() ? recording.apply(stage, course) : course;
    }

    @Override
    public Duration patience(String stage) {
      return stages.get(stage).deadlines().train().dividedBy(PATIENCE_PARTS);
    }
  }
}
