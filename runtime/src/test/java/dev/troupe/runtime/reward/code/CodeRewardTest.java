package dev.troupe.runtime.reward.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.reward.WeightedReward;
import dev.troupe.runtime.reward.code.CodeReward.StoppedException;
import dev.troupe.runtime.reward.code.SandboxResult.Bound;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Candidates in a real sandbox, good and hostile ones. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CodeRewardTest {
  private static final double EXACT = 0;
  private static final Path PYTHON = Path.of("/usr/bin/python3");
  private static final String SHELL =
      "kind = code, tests = tests, style = input-output, command = [bash, \"{folder}/main.sh\"]"
          + ", file = main.sh, memory-mib = 256, wall-time = 5s, cpu-time = 60s, output-kib = 64, disk-mib = 8";
  private static final String ASSERTS =
      "kind = code, tests = tests, memory-mib = 256, wall-time = 5s";

  @BeforeEach
  void needsASandbox() {
    assumeTrue(
        Sandbox.refusal().isEmpty(),
        () -> "no sandbox on this machine: " + Sandbox.refusal().orElseThrow());
  }

  @Test
  void comparesOutputsOfInputs() throws Exception {
    String tests =
        "[{\"input\": \"2 3\\n\", \"output\": \"5\\n\"}, {\"input\": \"4 4\\n\", \"output\": \"8\"}]";
    String right = "Here it is:\n```bash\nread a b\necho $((a + b))  \n```\nGood luck!";
    assertEquals(1, score(SHELL, tests, right), EXACT);
    assertEquals(0, score(SHELL, tests, "read a b; echo 5"), EXACT);
    assertEquals(0.5, score(SHELL + ", grading = share", tests, "read a b; echo 5"), EXACT);
    assertEquals(0, score(SHELL, tests, "read a b; echo $((a + b)); exit 3"), EXACT);
    assertEquals(0, score(SHELL, tests, "no such program"), EXACT);
  }

  @Test
  void runsPythonAssertsBehindTheCandidate() throws Exception {
    needsPython();
    String tests = "[\"assert twice(2) == 4\", \"assert twice('a') == 'aa'\"]";
    assertEquals(1, score(ASSERTS, tests, "def twice(x):\n  print('5')\n  return x + x"), EXACT);
    assertEquals(0, score(ASSERTS, tests, "def twice(x):\n  return 4"), EXACT);
    String share = ASSERTS + ", grading = share";
    assertEquals(0.5, score(share, tests, "def twice(x):\n  return 4"), EXACT);
    assertEquals(0, score(share, tests, "def twice(x)\n  return 4"), EXACT); // no Python
    assertEquals(1, score(ASSERTS, "assert f() == 1\nassert f() > 0", "f = lambda: 1"), EXACT);
  }

  @Test
  void anEndlessLoopIsStopped() {
    assertStopped(Bound.TIME, SHELL, "while :; do :; done");
    assertStopped(Bound.TIME, SHELL, "sleep 100");
  }

  @Test
  void aLoopThatUsesUpItsProcessorTimeIsStopped() {
    String keys =
        SHELL
            .replace("wall-time = 5s", "wall-time = 60s")
            .replace("cpu-time = 60s", "cpu-time = 1s");
    assertStopped(Bound.CPU, keys, "while :; do :; done");
  }

  @Test
  void aForkBombIsStoppedAndLeavesNothingBehind() throws Exception {
    String keys = SHELL + ", processes = 16";
    assertStopped(
        keys, "bomb() { bomb | bomb & sleep 3; }; bomb; sleep 100", Bound.TIME, Bound.PROCESSES);
    assertNothingIsLeft("main.sh");
  }

  @Test
  void tenGigabytesAreNotToBeHad() {
    assertStopped(Bound.MEMORY, SHELL, "a=x; for i in {1..34}; do a=$a$a; done; echo ${#a}");
    if (Files.isExecutable(PYTHON)) {
      assertStopped(Bound.MEMORY, ASSERTS, "x = bytearray(10 ** 10)");
      assertStopped(Bound.MEMORY, ASSERTS, "x = [0] * 10 ** 6\nwhile True: x = x + x");
      String many =
          "import os\nfor i in range(8):\n  os.fork()\nx = b'x' * (30 << 20)\nimport time\ntime.sleep(60)";
      assertStopped(ASSERTS + ", processes = 300", many, Bound.MEMORY, Bound.TIME);
    }
  }

  @Test
  void anEarlyExitIsNoPass() {
    needsPython();
    assertStopped(Bound.EXIT, ASSERTS, "import sys\nsys.exit(0)");
    assertStopped(Bound.EXIT, ASSERTS, "import os\nos._exit(0)");
    assertStopped(Bound.EXIT, ASSERTS, "import os\nos.kill(os.getpid(), 9)");
  }

  @Test
  void theHomeDirectoryCannotBeRead() throws Exception {
    String home = System.getProperty("user.home");
    needsPython();
    assertStopped(Bound.REFUSED, ASSERTS, "import os\nos.listdir('%s')".formatted(home));
    String tests = "[{\"input\": \"\", \"output\": \"\"}]";
    assertEquals(0, score(SHELL, tests, "ls " + home), EXACT);
    assertEquals(
        1,
        score(SHELL, tests, "ls %s 2> /dev/null; env | grep -i secret; true".formatted(home)),
        EXACT);
  }

  @Test
  void noFileCanBeWrittenButInASmallTemporaryDirectory() throws Exception {
    String tests = "[{\"input\": \"\", \"output\": \"ok\"}]";
    assertEquals(1, score(SHELL, tests, "echo x > /tmp/x && echo ok"), EXACT);
    assertEquals(0, score(SHELL, tests, "echo x > /usr/x && echo ok"), EXACT);
    assertEquals(0, score(SHELL, tests, "echo x > /program/x && echo ok"), EXACT);
    assertEquals(0, score(SHELL, tests, "head -c 100M /dev/zero > /tmp/x && echo ok"), EXACT);
    needsPython();
    assertStopped(Bound.REFUSED, ASSERTS, "open('/usr/x', 'w')");
  }

  @Test
  void noSocketLeadsAnywhere() throws Exception {
    needsPython();
    try (var server = new ServerSocket(0)) {
      String connect =
          "import socket\nsocket.create_connection(('127.0.0.1', %d), timeout=3)"
              .formatted(server.getLocalPort());
      assertStopped(Bound.REFUSED, ASSERTS, connect);
    }
    assertStopped(Bound.REFUSED, ASSERTS, "import socket\nsocket.getaddrinfo('example.org', 80)");
  }

  @Test
  void aFloodOfOutputIsStopped() {
    assertStopped(Bound.OUTPUT, SHELL, "yes");
    assertStopped(Bound.OUTPUT, SHELL, "yes >&2");
  }

  @Test
  void theVerdictCannotBePrinted() throws Exception {
    needsPython();
    String tests = "[\"assert f() == 1\"]";
    assertEquals(0, score(ASSERTS, tests, "print('[[\"passed\", \"\"]]')\nf = lambda: 2"), EXACT);
  }

  @Test
  void aStoppedCandidateIsAFailureOrWrongAsTheSettingsSay() throws Exception {
    var reward =
        WeightedReward.from(
            "reward",
            List.of(ConfigFactory.parseString(SHELL + ", weight = 1")),
            RewardCatalog.standard());
    var failed =
        assertInstanceOf(
            Outcome.Failed.class,
            reward.judge(example("[{\"input\": \"\", \"output\": \"\"}]"), "yes"));
    assertTrue(
        failed.reason().contains("stopped (output): it wrote more than 64 KiB"), failed.reason());
    assertEquals(
        0,
        score(SHELL + ", stopped = wrong", "[{\"input\": \"\", \"output\": \"\"}]", "yes"),
        EXACT);
  }

  @Test
  void anInterruptEndsTheProgram() throws Exception {
    var ended = new CountDownLatch(1);
    var thrown = new AtomicReference<Throwable>();
    RewardFunction reward = reward(SHELL.replace("wall-time = 5s", "wall-time = 60s"));
    var thread =
        new Thread(
            () -> {
              try {
                reward.score(example("[{\"input\": \"\", \"output\": \"\"}]"), "sleep 54.321");
              } catch (Exception e) {
                thrown.set(e);
              }
              ended.countDown();
            });
    thread.start();
    thread.interrupt();
    assertTrue(ended.await(20, TimeUnit.SECONDS));
    assertInstanceOf(InterruptedException.class, thrown.get());
    assertNothingIsLeft("main.sh");
  }

  @Test
  void needsTestsThatCanBeRead() {
    var error =
        assertThrows(
            IllegalStateException.class,
            () -> reward(SHELL).score(new Example("e", "p", null, Map.of("a", "1")), "x"));
    assertEquals("example e has no field tests with tests, only [a]", error.getMessage());
    assertThrows(IllegalStateException.class, () -> score(SHELL, "[]", "x"));
    assertThrows(IllegalStateException.class, () -> score(SHELL, "{", "x"));
  }

  @Test
  void findsTheProgramInTheLastBlock() {
    assertEquals("b", CodeReward.source("```\na\n``` and\n```python\nb\n```"));
    assertEquals("plain", CodeReward.source("plain"));
  }

  private static void needsPython() {
    assumeTrue(Files.isExecutable(PYTHON), "there is no " + PYTHON + " on this machine");
  }

  private static void assertStopped(Bound bound, String keys, String candidate) {
    assertStopped(keys, candidate, bound);
  }

  private static void assertStopped(String keys, String candidate, Bound... bounds) {
    String tests =
        keys.contains("input-output")
            ? "[{\"input\": \"\", \"output\": \"\"}]"
            : "[\"assert True\"]";
    var error =
        assertThrows(StoppedException.class, () -> score(keys, tests, candidate), candidate);
    assertTrue(List.of(bounds).contains(error.bound()), error.getMessage());
  }

  /** Nothing of a candidate lives on, however it was ended; the kernel may need a moment. */
  private static void assertNothingIsLeft(String sign) throws InterruptedException {
    var never = new CountDownLatch(1);
    for (int i = 0; i < 100 && isAlive(sign); i++) {
      assertFalse(never.await(50, TimeUnit.MILLISECONDS));
    }
    assertFalse(isAlive(sign), "a process of the candidate is left");
  }

  private static boolean isAlive(String sign) {
    return ProcessHandle.allProcesses()
        .anyMatch(it -> it.info().commandLine().filter(line -> line.contains(sign)).isPresent());
  }

  private static double score(String keys, String tests, String completion) throws Exception {
    return reward(keys).score(example(tests), completion);
  }

  private static Example example(String tests) {
    return new Example("e", "prompt", null, Map.of("tests", tests));
  }

  private static RewardFunction reward(String keys) {
    Config section = ConfigFactory.parseString(keys);
    return RewardCatalog.standard().create(section);
  }
}
