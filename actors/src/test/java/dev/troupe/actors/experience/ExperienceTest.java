package dev.troupe.actors.experience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import akka.actor.testkit.typed.javadsl.BehaviorTestKit;
import akka.actor.testkit.typed.javadsl.TestInbox;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.reward.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExperienceTest {
  private final TestInbox<SupervisorCommand> supervisor = TestInbox.create();
  private final TestInbox<Recorder.Command> recorder = TestInbox.create();
  private final TestInbox<Experience.TakeReply> learner = TestInbox.create();
  private final BehaviorTestKit<Experience.Command> experience =
      BehaviorTestKit.create(Experience.create(supervisor.getRef(), recorder.getRef()));

  private final WorkUnit unit = Samples.unit(Samples.referenced(0));
  private final Harvest harvest = Samples.harvest(unit);
  private final Ticket first = unit.tickets().get(0);
  private final Ticket second = unit.tickets().get(1);

  private List<Experience.Command> parts() {
    return List.of(
        new Experience.GroupsDecoded(harvest),
        new Experience.GroupRewarded(Samples.rewards(first)),
        new Experience.GroupRewarded(Samples.rewards(second)),
        new Experience.GroupReferenced(
            List.of(Samples.reference(first), Samples.reference(second))));
  }

  private List<TicketId> ready() {
    return supervisor.getAllReceived().stream()
        .map(message -> ((SupervisorCommand.GroupReady) message).facts().ticket())
        .toList();
  }

  @Test
  void handlesItsWholeProtocol() {
    var samples = new ArrayList<>(parts());
    samples.add(new Experience.Take(List.of(first.id()), learner.getRef()));
    samples.add(new Experience.Forget("grpo", 2));
    samples.add(new Experience.Clear());

    samples.forEach(experience::run);

    Totality.assertCovers(Experience.Command.class, samples);
  }

  @Test
  void announcesAGroupOnceWhateverTheOrderOfItsPartsAndHoweverOftenTheyCome() {
    for (int rotation = 0; rotation < 4; rotation++) {
      experience.run(new Experience.Clear());
      var parts = new ArrayList<>(parts());
      Collections.rotate(parts, rotation);
      parts.addAll(parts());

      parts.forEach(experience::run);

      assertEquals(
          List.of(first.id(), second.id()), ready().stream().sorted().toList(), "" + rotation);
    }
  }

  @Test
  void waitsForTheReferenceOnlyWhereTheTicketAsksForIt() {
    WorkUnit plain = Samples.unit(Samples.versions(0));
    Ticket ticket = plain.tickets().get(0);

    experience.run(new Experience.GroupsDecoded(Samples.harvest(plain)));
    experience.run(new Experience.GroupRewarded(Samples.rewards(ticket)));

    assertEquals(List.of(ticket.id()), ready());
  }

  @Test
  void handsGroupsOverInTheOrderAskedForAndAsOftenAsAsked() {
    parts().forEach(experience::run);
    var take = new Experience.Take(List.of(second.id(), first.id()), learner.getRef());

    experience.run(take);
    experience.run(take);

    for (int i = 0; i < 2; i++) {
      var taken = assertInstanceOf(Experience.Taken.class, learner.receiveMessage());
      assertEquals(
          List.of(second.id(), first.id()),
          taken.groups().stream().map(group -> group.ticket().id()).toList());
    }
  }

  @Test
  void namesTheTicketsItHasNoCompleteGroupFor() {
    experience.run(new Experience.GroupsDecoded(harvest));
    experience.run(new Experience.Take(List.of(first.id()), learner.getRef()));

    assertEquals(new Experience.NotComplete(List.of(first.id())), learner.receiveMessage());
  }

  @Test
  void dropsWhatComesLateForForgottenTickets() {
    experience.run(new Experience.Forget("grpo", 1));
    parts().forEach(experience::run);

    assertEquals(List.of(second.id()), ready());
  }

  @Test
  void tellsAFailureApartFromAReward() {
    experience.run(
        new Experience.GroupsDecoded(Samples.harvest(Samples.unit(Samples.versions(0)))));
    Ticket ticket = Samples.unit(Samples.versions(0)).tickets().get(0);
    List<Outcome> outcomes = List.of(new Outcome.Failed("no parser"), Samples.scored(0.5));

    experience.run(new Experience.GroupRewarded(new RewardPart(ticket.id(), outcomes, 1)));

    GroupFacts facts = ((SupervisorCommand.GroupReady) supervisor.receiveMessage()).facts();
    assertEquals(List.of(Double.NaN, 0.5), facts.rewards());
    assertEquals(List.of("no parser"), facts.failures());
    assertFalse(recorder.hasMessages(), "only evaluations are shown to people");
  }
}
