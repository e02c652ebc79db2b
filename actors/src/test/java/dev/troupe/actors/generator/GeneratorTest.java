package dev.troupe.actors.generator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.Done;
import akka.actor.testkit.typed.javadsl.BehaviorTestKit;
import akka.actor.testkit.typed.javadsl.TestInbox;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.runtime.model.PolicyVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratorTest {
  private static final PolicyVersion VERSION = Samples.version(0);

  private final TestInbox<SupervisorCommand> supervisor = TestInbox.create();
  private final TestInbox<Experience.Command> experience = TestInbox.create();
  private final FakeDecoder decoder = new FakeDecoder();
  private long asked;

  // Work runs at once on the calling thread; its result waits in the generator's own mailbox.
  private final BehaviorTestKit<Generator.Command> generator =
      BehaviorTestKit.create(
          Generator.create("generator-1", supervisor.getRef(), () -> decoder, Runnable::run));

  private static final class FakeDecoder implements Decoder {
    private String arriving = VERSION.digest();
    private RuntimeException failure;
    private boolean isClosed;

    @Override
    public String adopt(PolicyVersion version) {
      return arriving;
    }

    @Override
    public List<Group> decode(WorkUnit unit, String generator) {
      if (failure != null) {
        throw failure;
      }
      return Samples.harvest(unit).groups();
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }

  private SupervisorCommand.RequestWork request() {
    var request =
        assertInstanceOf(SupervisorCommand.RequestWork.class, supervisor.receiveMessage());
    asked = request.ask();
    return request;
  }

  private Generator.Grant grant(WorkUnit unit) {
    return new Generator.Grant(asked, unit, experience.getRef());
  }

  private void adopt() {
    generator.run(new Generator.Adopt(asked, VERSION));
    generator.runOne();
  }

  @Test
  void handlesItsWholeProtocol() {
    WorkUnit unit = Samples.unit(Samples.versions(0));
    var samples =
        List.of(
            new Generator.Adopt(1, VERSION),
            new Generator.Adopted(VERSION, VERSION.digest(), null),
            grant(unit),
            new Generator.Decoded(grant(unit), Samples.harvest(unit), null),
            new Generator.Received(unit.id()),
            new Generator.Retire(TestInbox.<Done>create().getRef()),
            new Generator.Repeat());

    samples.forEach(generator::run);

    Totality.assertCovers(Generator.Command.class, samples);
  }

  @Test
  void asksForWorkWithoutAVersionAtFirst() {
    assertNull(request().held());
  }

  @Test
  void provesAVersionByTheDigestItComputedItself() {
    request();
    decoder.arriving = "0".repeat(64); // The weights were damaged on their way.

    adopt();

    assertEquals("0".repeat(64), request().held().digest());
  }

  @Test
  void takesUpNothingFromASupervisorThatHasBeenReplaced() {
    request();
    var now = new PolicyVersion(1, 0, VERSION.digest());
    generator.run(new Generator.Adopt(asked, now));
    generator.runOne();
    assertEquals(now, request().held());

    generator.run(new Generator.Adopt(asked, VERSION)); // Of epoch 0.
    generator.run(new Generator.Repeat());

    assertEquals(now, request().held());
  }

  @Test
  void refusesAUnitOfAVersionItDoesNotHold() {
    request();

    generator.run(grant(Samples.unit(Samples.versions(0))));

    var lost = assertInstanceOf(SupervisorCommand.UnitLost.class, supervisor.receiveMessage());
    assertTrue(lost.cause().contains("holds policy version null"), lost.cause());
    assertFalse(experience.hasMessages());
  }

  @Test
  void decodesNothingWhileItTakesUpAVersion() {
    request();
    adopt();
    request();

    generator.run(new Generator.Adopt(asked, Samples.version(1)));
    generator.run(grant(Samples.unit(Samples.versions(0)))); // Another answer to the same ask.

    assertFalse(supervisor.hasMessages());
  }

  @Test
  void sendsGroupsUntilTheyAreConfirmedAndThenAsksForMore() {
    request();
    adopt();
    request();
    WorkUnit unit = Samples.unit(Samples.referenced(0));

    generator.run(grant(unit));
    generator.runOne();
    generator.run(new Generator.Repeat());

    assertInstanceOf(Experience.GroupsDecoded.class, experience.receiveMessage());
    assertInstanceOf(Experience.GroupsDecoded.class, experience.receiveMessage());
    assertFalse(supervisor.hasMessages());
    generator.run(new Generator.Received(unit.id()));
    assertEquals(unit.id(), request().finished());
  }

  @Test
  void givesAUnitUpWhoseGroupsNobodyConfirms() {
    request();
    adopt();
    request();
    WorkUnit unit = Samples.unit(Samples.versions(0));
    generator.run(grant(unit));
    generator.runOne();

    for (int round = 0; !supervisor.hasMessages() && round < 100; round++) {
      generator.run(new Generator.Repeat());
    }

    var lost = assertInstanceOf(SupervisorCommand.UnitStranded.class, supervisor.receiveMessage());
    assertEquals(unit.id(), lost.unit());
    assertNull(request().finished());
  }

  @Test
  void repeatsAnAskUnderItsNumberAndTakesOneAnswer() {
    long first = request().ask();

    generator.run(new Generator.Repeat());

    assertEquals(first, request().ask());
    adopt();
    assertTrue(request().ask() > first);
    generator.run(new Generator.Adopt(first, Samples.version(1))); // The answer to the repetition.
    assertFalse(supervisor.hasMessages());
  }

  @Test
  void reportsALostUnitAndFailsWhenDecodingFails() {
    request();
    adopt();
    request();
    decoder.failure = new IllegalStateException("out of memory");
    WorkUnit unit = Samples.unit(Samples.versions(0));
    generator.run(grant(unit));

    assertThrows(IllegalStateException.class, generator::runOne);

    var failed = assertInstanceOf(SupervisorCommand.RoleFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.REGRANT, failed.remedy());
    var lost = assertInstanceOf(SupervisorCommand.UnitLost.class, supervisor.receiveMessage());
    assertEquals(unit.id(), lost.unit());
  }

  @Test
  void endsTheRunWhenTryingAgainCannotHelp() {
    request();
    adopt();
    request();
    decoder.failure = new RunException("The prompt of example 3 has 600 tokens.");
    generator.run(grant(Samples.unit(Samples.versions(0))));

    assertThrows(IllegalStateException.class, generator::runOne);

    var failed = assertInstanceOf(SupervisorCommand.RoleFailed.class, supervisor.receiveMessage());
    assertEquals(Remedy.STOP, failed.remedy());
    assertEquals("The prompt of example 3 has 600 tokens.", failed.cause());
  }

  @Test
  void closesItsDecoderWhenItStops() {
    generator.signal(akka.actor.typed.PostStop.instance());

    assertTrue(decoder.isClosed);
  }

  @Test
  void finishesAndHandsOverWhatItHasBeforeItLeaves() {
    request();
    adopt();
    request();
    WorkUnit unit = Samples.unit(Samples.versions(0));
    TestInbox<Done> left = TestInbox.create();

    generator.run(grant(unit));
    generator.run(new Generator.Retire(left.getRef()));
    assertFalse(left.hasMessages());
    generator.runOne(); // Decoded.
    assertFalse(left.hasMessages(), "before anybody has the groups");
    generator.run(new Generator.Received(unit.id()));

    assertEquals(
        new SupervisorCommand.Retired("generator-1", unit.id()), supervisor.receiveMessage());
    assertTrue(left.hasMessages());
  }

  @Test
  void leavesAtOnceWhenItHasNothingAndBeginsNothingThatComesLate() {
    request();
    adopt();
    request();
    TestInbox<Done> left = TestInbox.create();

    generator.run(new Generator.Retire(left.getRef()));

    assertEquals(
        new SupervisorCommand.Retired("generator-1", null), supervisor.receiveMessage());
    assertTrue(left.hasMessages());
    generator.run(grant(Samples.unit(Samples.versions(0))));
    generator.run(new Generator.Repeat());
    assertFalse(supervisor.hasMessages());
    assertFalse(experience.hasMessages());
  }
}
