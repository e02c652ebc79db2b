package dev.troupe.actors.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.ExtendedActorSystem;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.Samples;
import dev.troupe.actors.Totality;
import dev.troupe.actors.experience.Experience;
import dev.troupe.actors.generator.Generator;
import dev.troupe.actors.learner.Learner;
import dev.troupe.actors.node.Door;
import dev.troupe.actors.node.Node;
import dev.troupe.actors.node.Office;
import dev.troupe.actors.protocol.Given;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.Interplay;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.WireMessage;
import dev.troupe.actors.reference.Reference;
import dev.troupe.actors.reward.Reward;
import dev.troupe.actors.run.Recorder;
import dev.troupe.actors.supervisor.Remedy;
import dev.troupe.actors.supervisor.SupervisorCommand;
import dev.troupe.actors.supervisor.WaitList;
import dev.troupe.actors.weights.Holders;
import dev.troupe.runtime.reward.Outcome;
import java.io.NotSerializableException;
import java.io.Serializable;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WireSerializerTest {
  private static final List<Class<?>> PROTOCOLS =
      List.of(
          SupervisorCommand.class,
          Generator.Command.class,
          Experience.Command.class,
          Experience.TakeReply.class,
          Reward.Command.class,
          Reference.Command.class,
          Learner.Command.class,
          Recorder.Command.class,
          Door.Command.class,
          Door.Answer.class,
          Office.Command.class,
          Node.Command.class,
          Holders.Command.class);

  /** Messages that other packages use and that never leave their process. */
  private static final Set<Class<?>> LOCAL =
      Set.of(
          SupervisorCommand.GeneratorsListed.class,
          SupervisorCommand.LearnersListed.class,
          SupervisorCommand.RewardsListed.class,
          SupervisorCommand.ReferencesListed.class,
          SupervisorCommand.StepRecorded.class,
          SupervisorCommand.AskCompany.class,
          SupervisorCommand.Drained.class,
          Generator.Retire.class,
          SupervisorCommand.Repeat.class,
          SupervisorCommand.Expired.class,
          Experience.RewardsListed.class,
          Experience.ReferencesListed.class,
          Experience.Take.class,
          Experience.Taken.class,
          Experience.NotComplete.class,
          Experience.Forget.class,
          Experience.Know.class,
          Experience.Clear.class,
          Recorder.StageBegun.class,
          Recorder.StepDone.class,
          Recorder.StageDone.class,
          Recorder.EvaluationDone.class,
          Recorder.Warned.class,
          Recorder.RunEnded.class,
          Office.Leave.class,
          Office.AskCompany.class,
          Node.Stop.class,
          Node.AskCompany.class,
          Node.Unwanted.class,
          Node.Removed.class);

  private static final ActorTestKit KIT =
      ActorTestKit.create(
          ConfigFactory.parseString(
                  """
                  akka.actor.provider = cluster
                  akka.remote.artery { transport = tcp, canonical { hostname = "127.0.0.1", port = 0 } }
                  """)
              .withFallback(
                  ConfigFactory.parseResources("troupe-cluster.conf").withoutPath("detection"))
              .withFallback(ConfigFactory.load()));

  private final WireSerializer serializer =
      new WireSerializer((ExtendedActorSystem) Adapter.toClassic(KIT.system()));

  @AfterAll
  static void close() {
    KIT.shutdownTestKit();
  }

  private static Stream<Class<?>> messages() {
    return PROTOCOLS.stream().flatMap(Totality::leaves);
  }

  static Stream<Class<?>> wireMessages() {
    return Stream.concat(
        messages().filter(WireMessage.class::isAssignableFrom), Stream.of(WaitList.class));
  }

  @Test
  void everyMessageThatOthersCanSendHasAFormInBytesOrStaysInItsProcess() {
    // What only its own actor can make, it sends to itself.
    Set<Class<?>> undecided =
        messages()
            .filter(type -> Modifier.isPublic(type.getModifiers()))
            .filter(type -> !WireMessage.class.isAssignableFrom(type))
            .filter(type -> !LOCAL.contains(type))
            .collect(Collectors.toSet());

    assertEquals(Set.of(), undecided, "mark these as WireMessage or list them as local");
    assertEquals(wireMessages().collect(Collectors.toSet()), new HashSet<>(WireSerializer.types()));
  }

  @ParameterizedTest
  @MethodSource("wireMessages")
  void aMessageComesBackAsItWas(Class<?> type) throws NotSerializableException {
    var random = new Random(type.getName().hashCode());
    for (int i = 0; i < 50; i++) {
      Object message = new Specimens(random, KIT).of(type);
      byte[] bytes = serializer.toBinary(message);

      Object back = serializer.fromBinary(bytes, serializer.manifest(message));

      assertEquals(Specimens.plain(message), Specimens.plain(back));
      assertArrayEquals(bytes, serializer.toBinary(back));
    }
  }

  @ParameterizedTest
  @MethodSource("wireMessages")
  void aDamagedMessageIsRefusedAndNeverRunsOutOfBounds(Class<?> type) {
    var random = new Random(1);
    Object message = new Specimens(random, KIT).of(type);
    byte[] bytes = serializer.toBinary(message);
    String manifest = serializer.manifest(message);
    for (int length = 0; length < bytes.length; length += 1 + length / 16) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(
          NotSerializableException.class, () -> serializer.fromBinary(cut, manifest), "" + length);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThrows(NotSerializableException.class, () -> serializer.fromBinary(longer, manifest));
  }

  @Test
  void anotherFormatIsRefusedWithASentence() {
    byte[] bytes = serializer.toBinary(new SupervisorCommand.Stop("enough", Duration.ZERO));
    bytes[0] = 9;

    var refused =
        assertThrows(NotSerializableException.class, () -> serializer.fromBinary(bytes, "s.stop"));

    assertEquals(
        "A message \"s.stop\" came in format 9, but this program reads format 2; all nodes must run the same program.",
        refused.getMessage());
    assertThrows(NotSerializableException.class, () -> serializer.fromBinary(bytes, "x.unknown"));
  }

  @Test
  void theBytesOfAMessageStayWhatTheyAre() {
    // Format 2; unit id: phase new (0), 4 letters, step 300 = 0xAC 0x02, index 1; cause of 2
    // letters; remedy REGRANT = 0.
    var message = new Experience.Unscored(new UnitId("grpo", 300, 1), "no", Remedy.REGRANT);

    assertEquals(
        "02" + "00" + "04" + "6772706f" + "ac02" + "01" + "02" + "6e6f" + "00",
        HexFormat.of().formatHex(serializer.toBinary(message)));
  }

  @Test
  void theBytesOfGroupsStayWhatTheyAre() {
    Harvest harvest = Samples.harvest(Samples.unit(Samples.versions(0)));
    byte[] bytes = serializer.toBinary(new Experience.GroupsDecoded(Samples.part(harvest), null));
    String hex = HexFormat.of().formatHex(bytes);

    // Prompt of two ids 1 and 4; two rollouts; the first is sample 0 with the ids 5 and 2 and the
    // log-probabilities -0.5 and -0.25, little-endian; it ended with STOP_TOKEN = 0; 8 letters.
    assertTrue(
        hex.contains(
            "020104" + "02" + "00" + "020502" + "02" + "000000bf" + "000080be" + "00" + "08"),
        hex);
    // A digest is 32 bytes and is written once, however many tickets and rollouts name it.
    String digest = Samples.version(0).digest();
    assertEquals(hex.indexOf(digest), hex.lastIndexOf(digest));
  }

  @Test
  void theBytesOfSeveralTurnsStayWhatTheyAre() {
    Harvest harvest = Samples.harvest(Samples.unit(Samples.versions(0)));
    Rollout plain = harvest.groups().get(0).rollouts().get(0);
    var interplay =
        new Interplay(
            List.of(new Given(1, false, new int[] {300}), new Given(2, true, new int[] {7, 8})),
            2,
            "a\nb",
            Optional.of(new Outcome.Failed("no")));
    var rollout =
        new Rollout(
            0, plain.tokens(), plain.logps(), plain.finish(), "b", plain.provenance(), interplay);
    Ticket ticket = harvest.unit().tickets().get(0);
    var group = new Group(ticket, new int[] {1}, List.of(rollout, plain));
    var part = new HarvestPart(harvest.unit(), 0, List.of(group), 0);
    byte[] bytes = serializer.toBinary(new Experience.GroupsDecoded(part, null));

    // There is something; 2 given: at 1, appended, the id 300 = 0xAC 0x02; at 2, anew, 7 and 8;
    // 2 turns; 3 letters; an outcome, which is Failed = 1, of 2 letters.
    String hex = HexFormat.of().formatHex(bytes);
    assertTrue(
        hex.contains(
            "01"
                + "02"
                + "01"
                + "00"
                + "01ac02"
                + "02"
                + "01"
                + "020708"
                + "02"
                + "03610a62"
                + "01"
                + "01"
                + "026e6f"),
        hex);
  }

  @Test
  void tokensCostFewBytes() {
    Harvest harvest = Samples.harvest(Samples.unit(Samples.versions(0)));
    var one = new ArrayList<Integer>();
    for (int tokens : new int[] {0, 1000}) {
      var sized = Specimens.withTokens(harvest, tokens);
      one.add(serializer.toBinary(new Experience.GroupsDecoded(Samples.part(sized), null)).length);
    }
    // Four rollouts of 1000 tokens: a float of 4 bytes and an id of at most 3, and a few counts.
    double perToken = (one.get(1) - one.get(0)) / 4000.0;
    assertTrue(perToken <= 7.01, perToken + " bytes a token");
  }

  @Test
  void javaSerializationIsOff() {
    record Plain(int value) implements Serializable {}
    Serialization serialization = SerializationExtension.get(Adapter.toClassic(KIT.system()));

    assertTrue(serialization.serialize(new Plain(1)).isFailure());
    assertFalse(KIT.system().settings().config().getBoolean("akka.actor.allow-java-serialization"));
  }
}
