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
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.settings.Pacing;
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
  private final MemoryLedger ledger = new MemoryLedger();
  private final BehaviorTestKit<Experience.Command> experience =
      BehaviorTestKit.create(Experience.create(supervisor.getRef(), recorder.getRef(), ledger, 2));

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

  /** Also what the experience sends itself meanwhile, because the ledger has answered. */
  private void run(Experience.Command message) {
    experience.run(message);
    while (experience.selfInbox().hasMessages()) {
      experience.runOne();
    }
  }

  private List<TicketId> ready() {
    return supervisor.getAllReceived().stream()
        .map(message -> ((SupervisorCommand.GroupReady) message).facts().ticket())
        .toList();
  }

  @BeforeEach
  void theLearnerHasPutAVersionInForce() {
    run(new Experience.Know(Samples.versions(0)));
  }

  @Test
  void handlesItsWholeProtocol() {
    var samples = new ArrayList<>(parts());
    var recall = new Experience.Recall(2, Pacing.WINDOW, unit.tickets(), supervisor.getRef());
    samples.add(new Experience.Recall(1, Pacing.WINDOW, unit.tickets(), supervisor.getRef()));
    samples.add(new Experience.Recalled(recall, List.of(), null));
    samples.add(new Experience.Written(finished(first), null));
    samples.add(new Experience.Release("grpo", 1));
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

    samples.forEach(this::run);

    Totality.assertCovers(Experience.Command.class, samples);
  }

  @Test
  void announcesAGroupOnceWhateverTheOrderOfItsPartsAndHoweverOftenTheyCome() {
    for (int rotation = 0; rotation < 5; rotation++) {
      run(new Experience.Clear(1));
      run(new Experience.Know(Samples.versions(0)));
      var parts = new ArrayList<>(parts());
      Collections.rotate(parts, rotation);
      parts.addAll(parts());

      parts.forEach(this::run);

      assertEquals(
          List.of(first.id(), second.id()), ready().stream().sorted().toList(), "" + rotation);
    }
  }

  @Test
  void refusesGroupsOfWeightsThatAreNotInForce() {
    WorkUnit lost = Samples.unit(Samples.versions(1));

    run(decoded(Samples.harvest(lost)));

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

    run(decoded(new Harvest(plain, List.of(mixed, clean), 1)));
    for (Ticket ticket : plain.tickets()) {
      run(new Experience.GroupRewarded(plain.id(), Samples.rewards(ticket)));
    }

    assertInstanceOf(SupervisorCommand.RoleFailed.class, supervisor.receiveMessage());
    assertEquals(List.of(clean.ticket().id()), ready());
  }

  @Test
  void waitsForTheReferenceOnlyWhereTheTicketAsksForIt() {
    WorkUnit plain = Samples.unit(Samples.versions(0));
    Ticket ticket = plain.tickets().get(0);

    run(decoded(Samples.harvest(plain)));
    run(new Experience.GroupRewarded(plain.id(), Samples.rewards(ticket)));

    assertEquals(List.of(ticket.id()), ready());
  }

  @Test
  void handsGroupsOverInTheOrderAskedForAndAsOftenAsAsked() {
    parts().forEach(this::run);
    var take = new Experience.Take(List.of(second.id(), first.id()), learner.getRef());

    run(take);
    run(take);

    for (int i = 0; i < 2; i++) {
      var taken = assertInstanceOf(Experience.Taken.class, learner.receiveMessage());
      assertEquals(
          List.of(second.id(), first.id()),
          taken.groups().stream().map(group -> group.ticket().id()).toList());
    }
  }

  @Test
  void namesTheTicketsItHasNoCompleteGroupFor() {
    run(decoded(harvest));
    run(new Experience.Take(List.of(first.id()), learner.getRef()));

    assertEquals(new Experience.NotComplete(List.of(first.id())), learner.receiveMessage());
  }

  @Test
  void dropsWhatComesLateForForgottenTickets() {
    run(new Experience.Forget("grpo", 1));
    parts().forEach(this::run);

    assertEquals(List.of(second.id()), ready());
  }

  @Test
  void tellsAFailureApartFromAReward() {
    run(decoded(Samples.harvest(Samples.unit(Samples.versions(0)))));
    Ticket ticket = Samples.unit(Samples.versions(0)).tickets().get(0);
    List<Outcome> outcomes = List.of(new Outcome.Failed("no parser"), Samples.scored(0.5));

    run(new Experience.GroupRewarded(unit.id(), new RewardPart(ticket.id(), outcomes, 1)));

    GroupFacts facts = ((SupervisorCommand.GroupReady) supervisor.receiveMessage()).facts();
    assertEquals(List.of(Double.NaN, 0.5), facts.rewards());
    assertEquals(List.of("no parser"), facts.failures());
    assertFalse(recorder.hasMessages(), "only evaluations are shown to people");
  }

  @Test
  void confirmsGroupsToWhoeverSendsThemAgain() {
    run(decoded(harvest));
    run(decoded(harvest));

    for (int i = 0; i < 2; i++) {
      assertEquals(new Generator.Received(unit.id()), generator.receiveMessage());
    }
  }

  @Test
  void whatALostRewardNodeHadGoesToAnotherAtOnce() {
    run(new Experience.RewardsListed(Set.of(reward.getRef())));
    run(decoded(harvest));
    assertInstanceOf(Reward.Score.class, reward.receiveMessage());

    run(new Experience.RewardsListed(Set.of(otherReward.getRef())));

    var score = assertInstanceOf(Reward.Score.class, otherReward.receiveMessage());
    assertEquals(unit, score.part().unit());
  }

  @Test
  void unitsWaitForTheFirstRewardNodeAndAreThenSpreadOverAll() {
    List<WorkUnit> units = Samples.tickets("grpo", 1).units(0, Samples.versions(0));
    units.forEach(it -> run(decoded(Samples.harvest(it))));
    assertFalse(reward.hasMessages());

    run(new Experience.RewardsListed(Set.of(reward.getRef(), otherReward.getRef())));

    assertEquals(2, units.size());
    assertEquals(1, reward.getAllReceived().size());
    assertEquals(1, otherReward.getAllReceived().size());
  }

  @Test
  void aUnitThatCannotBeScoredIsTriedAgainAndThenEndsTheRun() {
    run(new Experience.ReferencesListed(Set.of(reference.getRef())));
    run(decoded(harvest));
    reference.receiveMessage();
    var unscored = new Experience.Unscored(unit.id(), "out of memory", Remedy.REGRANT);

    run(unscored);

    assertInstanceOf(Reference.Score.class, reference.receiveMessage());
    assertEquals(
        Remedy.REGRANT, ((SupervisorCommand.RoleFailed) supervisor.receiveMessage()).remedy());
    run(unscored);
    var failed = assertInstanceOf(SupervisorCommand.RoleFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.STOP, failed.remedy());
    assertTrue(failed.cause().endsWith("in 2 attempts: out of memory"), failed.cause());
  }

  @Test
  void saysThatAGroupIsReadyUntilItIsHeard() {
    parts().forEach(this::run);
    assertEquals(2, ready().size());
    run(new Experience.Noted(first.id()));

    run(new Experience.Repeat());
    run(new Experience.Repeat());

    assertEquals(List.of(second.id()), ready());
  }

  private static FinishedGroup finished(Ticket ticket) {
    return new FinishedGroup(
        new ScoredGroup(
            Samples.group(ticket),
            Samples.rewards(ticket).outcomes(),
            ticket.scoring().isEmpty() ? null : Samples.reference(ticket)),
        500,
        10);
  }

  @Test
  void aGroupCountsOnlyOnceTheLedgerHasIt() {
    ledger.holdBack();
    parts().forEach(this::run);
    assertEquals(List.of(), ready());

    ledger.letGo();
    run(new Experience.Repeat());

    assertEquals(List.of(first.id(), second.id()), ready().stream().sorted().toList());
  }

  @Test
  void aLedgerThatFailsStopsTheRunWithItsSentence() {
    ledger.fail(new RunException("The disk is full."));

    parts().forEach(this::run);

    var failed = assertInstanceOf(SupervisorCommand.RoleFailed.class, supervisor.receiveMessage());
    assertEquals("The disk is full.", failed.cause());
    assertEquals(Remedy.STOP, failed.remedy());
  }

  @Test
  void aRecalledGroupIsCompleteAtOnce() {
    ledger.write(finished(first));

    run(new Experience.Recall(7, Pacing.WINDOW, unit.tickets(), supervisor.getRef()));

    var recalled =
        assertInstanceOf(SupervisorCommand.GroupsRecalled.class, supervisor.receiveMessage());
    assertEquals(7, recalled.ask());
    assertEquals(List.of(finished(first).facts()), recalled.groups());
    run(new Experience.Take(List.of(first.id()), learner.getRef()));
    assertInstanceOf(Experience.Taken.class, learner.receiveMessage());
  }

  /** Versions after the checkpoint come into force again, or they do not. */
  @Test
  void aRecalledGroupOfTheNewestPacingCountsOnlyIfAllThatSampledItAreInForce() {
    Group plain = Samples.group(first);
    var rollouts = new ArrayList<Rollout>();
    for (Rollout it : plain.rollouts()) {
      var renewal = new Provenance.Renewal(1, Samples.version(1));
      var mixed = new Provenance("g", unit.id(), first.policy(), List.of(renewal));
      rollouts.add(
          new Rollout(it.sample(), it.tokens(), it.logps(), it.finish(), it.text(), mixed));
    }
    var group = new Group(first, plain.promptTokens(), rollouts);
    var scored = new ScoredGroup(group, finished(first).scored().outcomes(), null);
    ledger.write(new FinishedGroup(scored, 0, 0));
    var recall = new Experience.Recall(7, Pacing.NEWEST, unit.tickets(), supervisor.getRef());

    run(recall);
    assertEquals(new SupervisorCommand.GroupsRecalled(7, List.of()), supervisor.receiveMessage());

    run(new Experience.Know(Samples.versions(1)));
    run(new Experience.Recall(8, Pacing.WINDOW, unit.tickets(), supervisor.getRef()));
    assertEquals(new SupervisorCommand.GroupsRecalled(8, List.of()), supervisor.receiveMessage());
    run(recall);
    assertEquals(
        1, ((SupervisorCommand.GroupsRecalled) supervisor.receiveMessage()).groups().size());
  }

  @Test
  void whatIsDroppedWhileItIsBeingWrittenIsNotAnnounced() {
    ledger.holdBack();
    parts().forEach(this::run);

    run(new Experience.Clear(1));
    ledger.letGo();
    run(new Experience.Repeat());

    assertEquals(List.of(), ready());
  }
}
