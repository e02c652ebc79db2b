package dev.troupe.actors.cli;

import dev.troupe.actors.chaos.StartCommand;
import dev.troupe.actors.chaos.Switches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The processes of a run that is to be disturbed: this very program with the same flags, either as
 * {@code troupe run}, or as nodes on addresses of this machine that nobody else sees.
 */
final class ChaosProcesses implements StartCommand {
  private static final String LEAD = "lead";
  private static final String SCORER = "scorer";
  private static final String GENERATOR = "generator-";
  private static final String HOST = "127.0.0.";

  /** Longer than a supervisor takes to come back. */
  private static final String PATIENCE_SECONDS = "120";

  private final RecipeChoice recipe;
  private final Path directory;
  private final List<String> members;
  private final boolean isClockMoved;
  private final int port;

  /**
   * @param directory of all runs
   * @param generators nodes that generate; 0 for a run in one process
   * @param isClockMoved whether clocks are to jump
   */
  ChaosProcesses(RecipeChoice recipe, Path directory, int generators, boolean isClockMoved) {
    this.recipe = recipe;
    this.directory = directory;
    this.isClockMoved = isClockMoved;
    this.members =
        generators == 0
            ? List.of(ALONE)
            : Stream.concat(
                    Stream.of(LEAD, SCORER),
                    IntStream.rangeClosed(1, generators).mapToObj(i -> GENERATOR + i))
                .toList();
    this.port = generators == 0 ? 0 : freePort();
  }

  private static int freePort() {
    try (DatagramChannel any =
        DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getByName(HOST + 2), 0))) {
      return ((InetSocketAddress) any.getLocalAddress()).getPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Who they are; the first one leads. */
  List<String> members() {
    return members;
  }

  @Override
  public List<String> of(Start start) {
    var switches = new Switches(start.switches());
    var words = new ArrayList<>(switches.environment(isClockMoved));
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    words.addAll(switches.flags());
    if (!start.heap().isEmpty()) {
      words.add("-Xmx" + start.heap());
    }
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    if (start.member().equals(ALONE)) {
      words.add("run");
    } else {
      words.addAll(node(start.member()));
    }
    words.addAll(recipe.argumentsIn(start.run()));
    if (start.member().equals(ALONE) || start.member().equals(LEAD)) {
      words.add("--json");
    }
    return words;
  }

  private List<String> node(String member) {
    var words = new ArrayList<String>();
    words.addAll(List.of("node", "--roles", roles(member)));
    words.addAll(List.of("--host", HOST + (2 + members.indexOf(member))));
    words.addAll(List.of("--detection", "fast", "--patience", PATIENCE_SECONDS));
    words.addAll(List.of("--secret", directory.resolve("secret").toString()));
    if (member.equals(LEAD)) {
      words.addAll(List.of("--port", Integer.toString(port)));
    } else {
      words.addAll(List.of("--seed-nodes", HOST + 2 + ":" + port));
      words.addAll(List.of("--log", directory.resolve(member + ".log").toString()));
    }
    return words;
  }

  private static String roles(String member) {
    return switch (member) {
      case LEAD -> "supervisor,learner";
      case SCORER -> "reward,reference";
      default -> "generator";
    };
  }
}
