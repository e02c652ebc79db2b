package dev.troupe.actors.learner;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.protocol.Failure;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.stage.Course;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.runtime.transport.TransportException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * What a learner does that follows another one: it opens the same stage, trains the same steps on
 * the same groups, and answers the lead. Plain state of its actor; native work is done on the
 * executor, whose answers go straight to the lead.
 */
final class Follower {
  private final String crew;
  private final ActorRef<Learner.Command> lead;
  private final Executor executor;
  private Course course;
  private int rank;
  private long assisted = -1;
  private long step = -1;
  private ScoredGroup[][] parts = {};
  private int missing;

  Follower(CrewCommand.Enlist enlist, Executor executor) {
    this.crew = enlist.crew();
    this.lead = enlist.lead();
    this.executor = executor;
  }

  String crew() {
    return crew;
  }

  void begin(CrewCommand.Begin begin, Studio.Ensemble ensemble) {
    if (course != null) {
      return; // It came again, and is being done.
    }
    rank = begin.seat().rank();
    Course opened = ensemble.course(begin.stage(), begin.seat());
    course = opened;
    work(
        () -> {
          var versions = opened.open();
          String digest = versions.get(versions.size() - 1).policy().digest();
          lead.tell(new CrewCommand.Begun(crew, rank, digest));
        });
  }

  void study(CrewCommand.Study study) {
    lead.tell(new CrewCommand.Noted(crew, rank, study.step(), study.part()));
    if (course == null || study.step() < step) {
      return;
    }
    if (study.step() > step) {
      step = study.step();
      parts = new ScoredGroup[study.parts()][];
      missing = study.parts();
    }
    if (parts[study.part()] == null) {
      parts[study.part()] = study.groups().toArray(ScoredGroup[]::new);
      if (--missing == 0) {
        train();
      }
    }
  }

  private void train() {
    var groups = new ArrayList<ScoredGroup>();
    for (int i = 0; i < parts.length; i++) {
      groups.addAll(Arrays.asList(parts[i]));
      parts[i] = new ScoredGroup[0];
    }
    Course current = course;
    long trained = step;
    List<ScoredGroup> all = List.copyOf(groups);
    work(
        () -> {
          String digest = current.train(trained, all).inForce().policy().digest();
          lead.tell(new CrewCommand.Studied(crew, rank, trained, digest));
        });
  }

  void assist(CrewCommand.Assist assist) {
    lead.tell(new CrewCommand.Assisting(crew, rank, assist.stepsDone()));
    if (course != null && assist.stepsDone() > assisted) {
      assisted = assist.stepsDone();
      Course current = course;
      work(() -> current.assist(assist.stepsDone()));
    }
  }

  private void work(Runnable task) {
    executor.execute(
        () -> {
          try {
            task.run();
          } catch (Throwable e) { // the edge of the thread: the lead must hear of whatever it was
            lead.tell(new CrewCommand.Faltered(crew, rank, Failure.sentence(e), remedy(e)));
          }
        });
  }

  /** What helps after a failure; other learners that fail may be replaced. */
  static Remedy remedy(Throwable failure) {
    return Failure.isForPeople(failure) && !(failure instanceof TransportException)
        ? Remedy.STOP
        : Remedy.REOPEN;
  }

  /** Ends everything; the native work that is under way is told not to wait. */
  void leave(String reason) {
    if (course != null) {
      Course last = course;
      course = null;
      last.abandon(reason);
      executor.execute(last::close);
    }
  }
}
