package dev.troupe.actors.learner;

import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.TimerScheduler;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.supervisor.SupervisorCommand;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;

/**
 * Those that a learner trains with: the crew that it leads, or the lead that it follows. Plain
 * state of its actor.
 */
final class Companions {
  private static final String LATE = "late";

  /** How long others may take to say that they will follow. */
  private static final Duration ENLISTING = Duration.ofSeconds(5);

  private final ActorContext<Learner.Command> context;
  private final TimerScheduler<Learner.Command> timers;
  private final Studio studio;
  private final Executor executor;
  private final int epoch;
  private Crew crew;
  private Follower follower;

  Companions(
      ActorContext<Learner.Command> context,
      TimerScheduler<Learner.Command> timers,
      Studio studio,
      Executor executor,
      int epoch) {
    this.context = context;
    this.timers = timers;
    this.studio = studio;
    this.executor = executor;
    this.epoch = epoch;
  }

  private Studio.Ensemble ensemble() {
    return studio.ensemble().orElseThrow();
  }

  private Logger log() {
    return context.getLog();
  }

  /**
   * Asks those to follow that an order names.
   *
   * @return whether there is somebody to ask, and the stage can be shared
   */
  boolean enlist(Learner.Open open) {
    boolean isShared = studio.ensemble().filter(it -> it.isShared(open.stage())).isPresent();
    if (open.followers().isEmpty() || !isShared) {
      return false;
    }
    crew = new Crew(epoch);
    crew.enlist(open.followers(), context.getSelf());
    timers.startSingleTimer(LATE, new Learner.Late(open), ENLISTING);
    return true;
  }

  /** Whether answers of those who were asked are still waited for. */
  boolean areEnlisting() {
    return crew != null && !crew.isSeated();
  }

  /** The course of a stage with those who have answered. */
  Course begin(Learner.Open open) {
    if (!crew.silent().isEmpty()) {
      log()
          .warn(
              "stage {} is trained without {}, which did not answer within {} s",
              open.stage(),
              crew.silent(),
              ENLISTING.toSeconds());
    }
    expect(open, open.stage());
    Optional<Studio.Seat> seat = crew.seat(ensemble().endpoint());
    log()
        .info(
            "leads {} learners in stage {}",
            seat.map(it -> it.endpoints().size()).orElse(1),
            open.stage());
    return seat.map(it -> ensemble().course(open.stage(), it))
        .orElseGet(() -> studio.course(open.stage()));
  }

  /**
   * Has the others open a stage that the lead has opened: it may have had to wait until the
   * checkpoint was written that all begin from.
   */
  void openAfter(Learner.Order order) {
    if (crew != null && order instanceof Learner.Open open) {
      crew.begin(open.stage());
    }
  }

  private void expect(Learner.Order order, String stage) {
    timers.startSingleTimer(LATE, new Learner.Late(order), ensemble().patience(stage));
  }

  /** Hands the groups of a step on, if there are followers. */
  void study(Learner.Train order, List<ScoredGroup> groups) {
    if (crew != null) {
      crew.study(order.step(), groups);
      expect(order, order.stage());
    }
  }

  /** Has the followers give their parts of a checkpoint. */
  void assist(Learner.Save save) {
    if (crew != null) {
      crew.assist(save.stepsDone());
    }
  }

  /** Whether no follower has still something to do for the order at hand. */
  boolean areDone() {
    return crew == null || crew.isDone();
  }

  /** The order at hand is carried out by all. */
  void settle() {
    timers.cancel(LATE);
  }

  /** What is wrong if a follower came to other weights than the lead. */
  Optional<String> deviation(SupervisorCommand answer, String stage) {
    return crew == null
        ? Optional.empty()
        : digest(answer)
            .flatMap(crew::deviant)
            .map(
                name ->
                    "Learner %s computed other weights than the lead in stage %s; all learners need the same program, device type and number format."
                        .formatted(name, stage));
  }

  /** Of the policy in force, which all must have. */
  private static Optional<String> digest(SupervisorCommand answer) {
    if (answer instanceof SupervisorCommand.StageOpened opened) {
      VersionSet newest = opened.inForce().get(opened.inForce().size() - 1);
      return Optional.of(newest.policy().digest());
    }
    return answer instanceof SupervisorCommand.Trained trained
        ? Optional.of(trained.result().inForce().policy().digest())
        : Optional.empty();
  }

  /** Who has not done what an order is about, and for how long that was waited for. */
  String lateness(Learner.Order order) {
    return "%s did not %s within %d s"
        .formatted(
            crew.isDone() ? "the lead" : crew.late(),
            order instanceof Learner.Train train
                ? "train step " + (train.step() + 1) + " of stage " + order.stage()
                : "open stage " + order.stage(),
            ensemble().patience(order.stage()).toSeconds());
  }

  /** Says again what was not answered. */
  void repeat() {
    if (crew != null) {
      crew.repeat();
    }
  }

  /** Whether a word comes from one that follows. */
  boolean isOfFollower(CrewCommand said) {
    return crew != null && crew.key().equals(said.crew());
  }

  /**
   * Takes a follower's word.
   *
   * @return whether it was the last one that was asked to follow
   */
  boolean hear(CrewCommand said) {
    if (said instanceof CrewCommand.Enlisted enlisted) {
      return crew.onEnlisted(enlisted);
    }
    if (said instanceof CrewCommand.Begun begun) {
      crew.onBegun(begun);
    } else if (said instanceof CrewCommand.Noted noted) {
      crew.onNoted(noted);
    } else if (said instanceof CrewCommand.Studied studied) {
      crew.onStudied(studied);
    } else if (said instanceof CrewCommand.Assisting assisting) {
      crew.onAssisting(assisting);
    }
    return false;
  }

  /** A failed follower in a sentence. */
  String sentence(CrewCommand.Faltered faltered) {
    return "learner %s failed: %s".formatted(crew.name(faltered.rank()), faltered.cause());
  }

  /** Whether this learner follows the one with such a crew. */
  boolean isFollowing(String key) {
    return follower != null && follower.crew().equals(key);
  }

  /** From now on this learner does what a lead says. */
  void follow(CrewCommand.Enlist enlist) {
    follower = new Follower(enlist, executor);
  }

  /** Tells a lead where this learner's gradients come from. */
  void answer(CrewCommand.Enlist enlist) {
    studio
        .ensemble()
        .ifPresent(
            it ->
                enlist
                    .lead()
                    .tell(
                        new CrewCommand.Enlisted(enlist.crew(), context.getSelf(), it.endpoint())));
  }

  /** Does what the lead says. */
  void obey(CrewCommand said) {
    if (said instanceof CrewCommand.Begin begin) {
      log()
          .info(
              "is learner {} of {} in stage {}",
              begin.seat().rank() + 1,
              begin.seat().endpoints().size(),
              begin.stage());
      follower.begin(begin, ensemble());
    } else if (said instanceof CrewCommand.Study study) {
      follower.study(study);
    } else if (said instanceof CrewCommand.Assist assist) {
      follower.assist(assist);
    } else if (said instanceof CrewCommand.Dismiss) {
      leave("the lead has let this learner go", null);
    }
  }

  /**
   * Ends what is done together.
   *
   * @param course which waits for the others, if this learner leads; null for none
   */
  void leave(String reason, Course course) {
    timers.cancel(LATE);
    if (follower != null) {
      follower.leave(reason);
      follower = null;
    }
    if (crew != null) {
      if (course != null) {
        course.abandon(reason);
      }
      crew.dismiss();
      crew = null;
    }
  }
}
