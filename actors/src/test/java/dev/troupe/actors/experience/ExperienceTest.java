package dev.troupe.actors.experience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.BehaviorTestKit;
import akka.actor.testkit.typed.javadsl.TestInbox;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.reward.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExperienceTest {
  private final TestInbox<SupervisorCommand> supervisor = TestInbox.create();
  private final TestInbox<Recorder.Command> recorder = TestInbox.create();
  private final TestInbox<Experience.TakeReply> learner = TestInbox.create();
  private final TestInbox<Generator.Command> generator = TestInbox.create();
  private final TestInbox<Reward.Command> reward = TestInbox.create("reward");
  private final TestInbox<Reward.Command> otherReward = TestInbox.create("other");
  private final TestInbox<Reference.Command> reference = TestInbox.create();
  private final BehaviorTestKit<Experience.Command> experience =
      BehaviorTestKit.create(Experience.create(supervisor.getRef(), recorder.getRef(), 2));

  private final WorkUnit unit = Samples.unit(Samples.referenced(0));
  private final Harvest harvest = Samples.harvest(unit);
  private final Ticket first = unit.tickets().get(0);
  private final Ticket second = unit.tickets().get(1);

  private Experience.GroupsDecoded decoded(Harvest groups) {
    return new Experience.GroupsDecoded(Samples.part(groups), generator.getRef());
  }

  private List<Experience.Command> parts() {
    return List.of(
        decoded(harvest),
        new Experience.GroupRewarded(unit.id(), Samples.rewards(first)),
        new Experience.GroupRewarded(unit.id(), Samples.rewards(second)),
        new Experience.GroupReferenced(unit.id(), Samples.reference(first)),
        new Experience.GroupReferenced(unit.id(), Samples.reference(second)));
  }

  private List<TicketId> ready() {
    return supervisor.getAllReceived().stream()
        .map(message -> ((SupervisorCommand.GroupReady) message).facts().ticket())
        .toList();
  }

  @BeforeEach
  void theLearnerHasPutAVersionInForce() {
    experience.run(new Experience.Know(Samples.versions(0)));
  }

  @Test
  void handlesItsWholeProtocol() {
    var samples = new ArrayList<>(parts());
    samples.add(new Experience.Take(List.of(first.id()), learner.getRef()));
    samples.add(new Experience.Forget("grpo", 2));
    samples.add(new Experience.Know(Samples.versions(0)));
    samples.add(new Experience.Clear(1));
    samples.add(new Experience.Unscored(unit.id(), "cause", Remedy.REGRANT));
    samples.add(new Experience.GivenBack(unit.id()));
    samples.add(new Experience.Noted(first.id()));
    samples.add(new Experience.Shown(first.id()));
    samples.add(new Experience.RewardsListed(Set.of(reward.getRef())));
    samples.add(new Experience.ReferencesListed(Set.of(reference.getRef())));
    samples.add(new Experience.Repeat());

    samples.forEach(experience::run);

    Totality.assertCovers(Experience.Command.class, samples);
  }

  @Test
  void announcesAGroupOnceWhateverTheOrderOfItsPartsAndHoweverOftenTheyCome() {
    for (int rotation = 0; rotation < 5; rotation++) {
      experience.run(new Experience.Clear(1));
      experience.run(new Experience.Know(Samples.versions(0)));
      var parts = new ArrayList<>(parts());
      Collections.rotate(parts, rotation);
      parts.addAll(parts());

      parts.forEach(experience::run);

      assertEquals(
          List.of(first.id(), second.id()), ready().stream().sorted().toList(), "" + rotation);
    }
  }

  @Test
  void refusesGroupsOfWeightsThatAreNotInForce() {
    WorkUnit lost = Samples.unit(Samples.versions(1));

    experience.run(decoded(Samples.harvest(lost)));

    var told = assertInstanceOf(SupervisorCommand.RoleFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.REGRANT, told.remedy());
    assertTrue(told.cause().startsWith("The group of ticket grpo/2 was refused"), told.cause());
    // Whoever decoded it need not keep it.
    assertEquals(new Generator.Received(lost.id()), generator.receiveMessage());
  }

  @Test
  void refusesGroupsSampledByOtherWeightsThanTheirTickets() {
    WorkUnit plain = Samples.unit(Samples.versions(0));
    Group group = Samples.group(plain.tickets().get(0));
    Rollout strange = group.rollouts().get(1);
    var other = new Provenance("generator-1", null, Samples.version(1));
    var rollouts =
        List.of(
            group.rollouts().get(0),
            new Rollout(
                1, strange.tokens(), strange.logps(), strange.finish(), strange.text(), other));
    Group mixed = new Group(group.ticket(), group.promptTokens(), rollouts);
    Group clean = Samples.group(plain.tickets().get(1));

    experience.run(decoded(new Harvest(plain, List.of(mixed, clean), 1)));
    for (Ticket ticket : plain.tickets()) {
      experience.run(new Experience.GroupRewarded(plain.id(), Samples.rewards(ticket)));
    }

    assertInstanceOf(SupervisorCommand.RoleFailed.class, supervisor.receiveMessage());
    assertEquals(List.of(clean.ticket().id()), ready());
  }

  @Test
  void waitsForTheReferenceOnlyWhereTheTicketAsksForIt() {
    WorkUnit plain = Samples.unit(Samples.versions(0));
    Ticket ticket = plain.tickets().get(0);

    experience.run(decoded(Samples.harvest(plain)));
    experience.run(new Experience.GroupRewarded(plain.id(), Samples.rewards(ticket)));

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
    experience.run(decoded(harvest));
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
    experience.run(decoded(Samples.harvest(Samples.unit(Samples.versions(0)))));
    Ticket ticket = Samples.unit(Samples.versions(0)).tickets().get(0);
    List<Outcome> outcomes = List.of(new Outcome.Failed("no parser"), Samples.scored(0.5));

    experience.run(
        new Experience.GroupRewarded(unit.id(), new RewardPart(ticket.id(), outcomes, 1)));

    GroupFacts facts = ((SupervisorCommand.GroupReady) supervisor.receiveMessage()).facts();
    assertEquals(List.of(Double.NaN, 0.5), facts.rewards());
    assertEquals(List.of("no parser"), facts.failures());
    assertFalse(recorder.hasMessages(), "only evaluations are shown to people");
  }

  @Test
  void confirmsGroupsToWhoeverSendsThemAgain() {
    experience.run(decoded(harvest));
    experience.run(decoded(harvest));

    for (int i = 0; i < 2; i++) {
      assertEquals(new Generator.Received(unit.id()), generator.receiveMessage());
    }
  }

  @Test
  void whatALostRewardNodeHadGoesToAnotherAtOnce() {
    experience.run(new Experience.RewardsListed(Set.of(reward.getRef())));
    experience.run(decoded(harvest));
    assertInstanceOf(Reward.Score.class, reward.receiveMessage());

    experience.run(new Experience.RewardsListed(Set.of(otherReward.getRef())));

    var score = assertInstanceOf(Reward.Score.class, otherReward.receiveMessage());
    assertEquals(unit, score.part().unit());
  }

  @Test
  void unitsWaitForTheFirstRewardNodeAndAreThenSpreadOverAll() {
    List<WorkUnit> units = Samples.tickets("grpo", 1).units(0, Samples.versions(0));
    units.forEach(it -> experience.run(decoded(Samples.harvest(it))));
    assertFalse(reward.hasMessages());

    experience.run(new Experience.RewardsListed(Set.of(reward.getRef(), otherReward.getRef())));

    assertEquals(2, units.size());
    assertEquals(1, reward.getAllReceived().size());
    assertEquals(1, otherReward.getAllReceived().size());
  }

  @Test
  void aUnitThatCannotBeScoredIsTriedAgainAndThenEndsTheRun() {
    experience.run(new Experience.ReferencesListed(Set.of(reference.getRef())));
    experience.run(decoded(harvest));
    reference.receiveMessage();
    var unscored = new Experience.Unscored(unit.id(), "out of memory", Remedy.REGRANT);

    experience.run(unscored);

    assertInstanceOf(Reference.Score.class, reference.receiveMessage());
    assertEquals(
        Remedy.REGRANT, ((SupervisorCommand.RoleFailed) supervisor.receiveMessage()).remedy());
    experience.run(unscored);
    var failed = assertInstanceOf(SupervisorCommand.RoleFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.STOP, failed.remedy());
    assertTrue(failed.cause().endsWith("in 2 attempts: out of memory"), failed.cause());
  }

  @Test
  void saysThatAGroupIsReadyUntilItIsHeard() {
    parts().forEach(experience::run);
    assertEquals(2, ready().size());
    experience.run(new Experience.Noted(first.id()));

    experience.run(new Experience.Repeat());
    experience.run(new Experience.Repeat());

    assertEquals(List.of(second.id()), ready());
  }
}
