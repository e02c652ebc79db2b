package dev.troupe.actors.learner;

import dev.troupe.actors.stage.Course;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where a learner gets its courses from. */
@FunctionalInterface
public interface Studio {

  /** The course of a stage that is trained alone. */
  Course course(String stage);

  /** How to train with others; empty where there can be no others. */
  default Optional<Ensemble> ensemble() {
    return Optional.empty();
  }

  /** How several learners train one stage. */
  interface Ensemble {
    /** Whether several learners can train a stage of that name. */
    boolean isShared(String stage);

    /** Where the data plane of this node is reached. */
    String endpoint();

    /** The course of a stage for one of those who train it. */
    Course course(String stage, Seat seat);

    /** Longest wait for another learner in this stage. */
    Duration patience(String stage);
  }

  /**
   * The place of one learner among those who train together.
   *
   * @param crew their key, 64 random lower-case hexadecimal digits
   * @param epoch how many times the run was started before
   * @param endpoints of all their data planes, by rank; the lead's is the first
   * @param rank of this one
   */
  record Seat(String crew, int epoch, List<String> endpoints, int rank) {
    /** Copies the list. */
    public Seat {
      endpoints = List.copyOf(endpoints);
    }

    /** Whether it is the one that has the supervisor's orders. */
    public boolean isLead() {
      return rank == 0;
    }

    /** The seat of another rank. */
    Seat at(int other) {
      return new Seat(crew, epoch, endpoints, other);
    }
  }
}
