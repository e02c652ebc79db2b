package dev.troupe.actors.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import dev.troupe.actors.Samples;
import dev.troupe.runtime.model.PolicyVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class HolderBookTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final PolicyVersion VERSION = Samples.version(3);

  private final HolderBook learner = new HolderBook("learner", "127.0.0.1:40001");
  private final HolderBook generator = new HolderBook("generator", "127.0.0.2:40001");

  @AfterAll
  static void close() {
    KIT.shutdownTestKit();
  }

  @Test
  void aWaitForAVersionEndsWhenAnotherNodeAnnouncesIt() throws InterruptedException {
    KIT.spawn(Holders.create(learner));
    KIT.spawn(Holders.create(generator));

    learner.announce(VERSION, true);

    assertEquals(
        List.of(new HolderDirectory.Holder("learner", "127.0.0.1:40001", true)),
        generator.holders(VERSION, PATIENCE));
  }

  @Test
  void nobodyIsWaitedForLongerThanAsked() throws InterruptedException {
    assertEquals(List.of(), generator.holders(VERSION, Duration.ofMillis(1)));
  }

  @Test
  void nobodyIsWaitedForByANodeThatLeaves() throws Exception {
    CompletableFuture<List<HolderDirectory.Holder>> found =
        CompletableFuture.supplyAsync(() -> await(Duration.ofHours(1)));

    generator.close();

    assertEquals(List.of(), found.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  private List<HolderDirectory.Holder> await(Duration patience) {
    try {
      return generator.holders(VERSION, patience);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void thePublisherComesFirstAndAnOldWordCountsNoMore() throws InterruptedException {
    learner.announce(VERSION, true);
    Holders.Holds old = learner.word();
    learner.retract(VERSION);
    learner.announce(VERSION, true);
    var other = new HolderBook("copy", "127.0.0.3:40001");
    other.announce(VERSION, false);

    generator.note(other.word());
    generator.note(learner.word());
    generator.note(new Holders.Holds("learner", "127.0.0.1:40001", old.edition(), List.of()));

    assertEquals(
        List.of("learner", "copy"),
        generator.holders(VERSION, PATIENCE).stream().map(HolderDirectory.Holder::node).toList());
  }

  @Test
  void onlyThePublisherWithdrawsAVersion() {
    var withdrawn = new ArrayList<PolicyVersion>();
    generator.onWithdrawn(withdrawn::add);
    learner.announce(VERSION, true);
    var copy = new HolderBook("copy", "127.0.0.3:40001");
    copy.announce(VERSION, false);
    generator.note(learner.word());
    generator.note(copy.word());

    copy.retract(VERSION);
    generator.note(copy.word());
    generator.retain(List.of("copy"));
    assertEquals(List.of(), withdrawn);

    generator.note(learner.word());
    learner.retract(VERSION);
    generator.note(learner.word());
    assertEquals(List.of(VERSION), withdrawn);
  }
}
