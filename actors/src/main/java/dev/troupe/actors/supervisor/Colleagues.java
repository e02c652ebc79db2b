package dev.troupe.actors.supervisor;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.run.Recorder;

/**
 * Those with whom the supervisor talks.
 *
 * @param learner trains
 * @param experience keeps the groups
 * @param recorder writes down what happened
 * @param owner is told how the run ended
 */
public record Colleagues(
    ActorRef<Learner.Command> learner,
    ActorRef<Experience.Command> experience,
    ActorRef<Recorder.Command> recorder,
    ActorRef<RunOutcome> owner) {}
