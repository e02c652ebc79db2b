package dev.troupe.actors.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import akka.actor.testkit.typed.javadsl.BehaviorTestKit;
import akka.actor.testkit.typed.javadsl.TestInbox;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.RewardScorer;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.settings.RewardView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceTest {
  private static final long SCORER = 4;
  private static final RewardView VIEW =
      new RewardView(RewardView.Kind.ANSWER, "</think>", "", true);

  private final TestInbox<Experience.Command> experience = TestInbox.create();
  private final List<List<PolicyVersion>> held = new ArrayList<>();
  private RuntimeException failure;

  private final BehaviorTestKit<Reference.Command> reference =
      BehaviorTestKit.create(Reference.create(FakeModels::new, Runnable::run));

  private final class FakeModels implements FrozenModels {
    @Override
    public void hold(List<PolicyVersion> versions) {
      if (failure != null) {
        throw failure;
      }
      held.add(versions);
    }

    @Override
    public List<List<float[]>> logps(
        PolicyVersion version, List<Group> groups, double temperature) {
      float value = -version.number();
      return groups.stream()
          .map(
              group ->
                  group.rollouts().stream().map(rollout -> new float[] {value, value}).toList())
          .toList();
    }

    @Override
    public List<List<float[]>> scores(RewardScorer scorer, List<Group> groups) {
      assertEquals(VIEW, scorer.view());
      float[] row = {scorer.model().number(), 0};
      return groups.stream()
          .map(group -> group.rollouts().stream().map(rollout -> row).toList())
          .toList();
    }

    @Override
    public void close() {
      held.clear();
    }
  }

  private static Harvest harvest(long reference, long shaping, long base) {
    var models =
        new ScoringModels(
            Samples.version(reference),
            Samples.version(shaping),
            Samples.version(base),
            new RewardScorer(Samples.version(SCORER), VIEW));
    return Samples.harvest(Samples.unit(new VersionSet(0, Samples.version(0), models)));
  }

  private Reference.Score score(Harvest harvest) {
    return new Reference.Score(Samples.part(harvest), experience.getRef());
  }

  private ReferencePart referenced() {
    return assertInstanceOf(Experience.GroupReferenced.class, experience.receiveMessage()).part();
  }

  @Test
  void handlesItsWholeProtocol() {
    Harvest harvest = harvest(1, 2, 3);
    var samples =
        List.of(
            score(harvest),
            new Reference.UnitScored(
                new Reference.Task(harvest, experience.getRef()), List.of(), null));

    samples.forEach(reference::run);

    Totality.assertCovers(Reference.Command.class, samples);
  }

  @Test
  void scoresAUnitWithEveryModelThatItsTicketsName() {
    reference.run(score(harvest(1, 2, 3)));
    reference.runOne();

    ReferencePart first = referenced();
    ReferencePart second = referenced();
    assertEquals(-1f, first.reference().get(0)[0]);
    assertEquals(-2f, first.shaping().get(0)[0]);
    assertEquals(-3f, second.shapingBase().get(1)[1]);
    assertEquals(SCORER, second.scores().get(1)[0]);
  }

  @Test
  void asksAModelThatIsNamedTwiceOnlyOnce() {
    reference.run(score(harvest(1, 2, 1)));

    assertEquals(
        List.of(Samples.version(1), Samples.version(2), Samples.version(SCORER)), held.get(0));
  }

  @Test
  void aUnitThatIsAskedForAgainIsScoredOnce() {
    Harvest harvest = harvest(1, 2, 3);

    reference.run(score(harvest));
    reference.run(score(harvest)); // The experience has heard nothing for a while.
    reference.runOne();

    assertEquals(1, held.size());
  }

  @Test
  void scoresAUnitOnceAllItsPartsAreThere() {
    Harvest harvest = harvest(1, 2, 3);
    List<HarvestPart> parts = harvest.parts(1);

    reference.run(new Reference.Score(parts.get(1), experience.getRef()));
    assertEquals(0, held.size());
    reference.run(new Reference.Score(parts.get(0), experience.getRef()));

    assertEquals(2, parts.size());
    assertEquals(1, held.size());
  }

  @Test
  void givesBackEveryUnitThatARestartWouldForget() {
    Harvest first = harvest(1, 2, 3);
    Harvest second = Samples.harvest(Samples.unit(Samples.referenced(1)));
    failure = new IllegalStateException("wrong digest");
    reference.run(score(first));
    reference.run(score(second)); // Waits behind the first one.

    assertThrows(IllegalStateException.class, reference::runOne);

    var unscored = assertInstanceOf(Experience.Unscored.class, experience.receiveMessage());
    assertEquals(first.unit().id(), unscored.unit());
    assertEquals(Remedy.REGRANT, unscored.remedy());
    assertEquals(new Experience.GivenBack(second.unit().id()), experience.receiveMessage());
  }
}
