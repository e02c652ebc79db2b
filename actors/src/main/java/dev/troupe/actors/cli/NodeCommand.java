package dev.troupe.actors.cli;

import dev.troupe.actors.cluster.Management;
import dev.troupe.actors.cluster.NodeAddress;
import dev.troupe.actors.cluster.NodeSettings;
import dev.troupe.actors.cluster.SecretFile;
import dev.troupe.actors.cluster.TlsFiles;
import dev.troupe.actors.console.Console;
import dev.troupe.actors.console.RunView;
import dev.troupe.actors.node.OutOfTouchException;
import dev.troupe.actors.protocol.Role;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.run.ClusterNode;
import dev.troupe.actors.run.StopRequest;
import dev.troupe.runtime.settings.RunSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code troupe node}. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Takes part in a run that many processes share, on one machine or on many. Every node",
      "is given the same recipe and the same settings; a node with others is refused.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe node --roles supervisor,learner --port 25520",
      "  troupe node --roles generator,reward --seed-nodes 127.0.0.1:25520",
      "  troupe node --roles generator --host 10.0.0.7 --seed-nodes 10.0.0.5:25520 my.conf",
      "  troupe node --roles generator --host $POD_IP --bootstrap kubernetes my.conf"
    })
final class NodeCommand implements Callable<Integer> {
  private static final Duration GLANCE = Duration.ofMillis(200);
  private static final int DEFAULT_PORT = 25_520;

  @Mixin private RecipeChoice recipe;

  @Option(
      names = "--roles",
      paramLabel = "ROLE",
      split = ",",
      required = true,
      description = "What the node does: ${COMPLETION-CANDIDATES}.")
  private List<Role> roles = new ArrayList<>();

  @Option(
      names = "--seed-nodes",
      paramLabel = "HOST:PORT",
      split = ",",
      description =
          "Nodes of the cluster to join. A supervisor without them, or that is the first of them,"
              + " begins a new one.")
  private List<String> seeds = new ArrayList<>();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Where the other nodes reach this one (default: ${DEFAULT-VALUE}, this machine only).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Its port (default: 25520 for a supervisor, any free one for the others).")
  private Integer port;

  @Option(
      names = "--data-port",
      paramLabel = "N",
      defaultValue = "0",
      description = "Its UDP port for weights (default: any free one).")
  private int dataPort;

  @Option(
      names = "--secret",
      paramLabel = "FILE",
      description =
          "The secret that all nodes share, at least 16 characters; whoever lacks it gets no"
              + " weights (default: ~/.troupe/secret, which is made when it is missing).")
  private Path secret;

  @Option(
      names = "--transport",
      paramLabel = "KIND",
      defaultValue = "aeron-udp",
      description =
          "aeron-udp, tcp or tls-tcp, the same on all nodes; only tls-tcp is encrypted"
              + " (default: ${DEFAULT-VALUE}).")
  private String transport;

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description = "With tls-tcp: the certificate of this node, PEM.")
  private Path tlsCertificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private RSA key, PEM.")
  private Path tlsKey;

  @Option(
      names = "--tls-authority",
      paramLabel = "FILE",
      description = "The certificate that has signed those of all nodes, PEM.")
  private Path tlsAuthority;

  @Option(
      names = "--management",
      paramLabel = "[ADDRESS:]PORT",
      description =
          "Answers there over HTTP: /alive and /ready (default: not at all; with --bootstrap at"
              + " port 8558 of --host).")
  private String management;

  @Option(
      names = "--bootstrap",
      paramLabel = "WAY",
      description =
          "Finds the cluster without --seed-nodes, by asking the management ports of other nodes:"
              + " kubernetes (pods labelled app.kubernetes.io/name=SERVICE), dns (addresses of"
              + " SERVICE), or HOST:PORT,HOST:PORT. The one supervisor founds it.")
  private String bootstrap;

  @Option(
      names = "--service",
      paramLabel = "SERVICE",
      defaultValue = "troupe",
      description = "What --bootstrap looks for (default: ${DEFAULT-VALUE}).")
  private String service;

  @Option(
      names = "--detection",
      paramLabel = "KIND",
      defaultValue = "calm",
      description =
          "How fast a silent node is given up: calm (7 s) or fast (3 s), the same on all nodes"
              + " (default: ${DEFAULT-VALUE}).")
  private NodeSettings.Detection detection;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long to look for the cluster, for its supervisor, and, supervising, for nodes that"
              + " play every needed role (default: ${DEFAULT-VALUE}).")
  private int patience;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = Grace.USUAL,
      converter = Grace.class,
      description =
          "After Ctrl-C or SIGTERM: how long what was begun may take to be finished, such as 90s or 2m;"
              + " 0 ends at once. A supervisor ends the run, with a checkpoint; another node leaves"
              + " it"
              + " (default: ${DEFAULT-VALUE}).")
  private Duration grace;

  @Option(
      names = "--json",
      description = "A supervisor writes one JSON object a line and event, as troupe run does.")
  private boolean isJson;

  @Option(names = "--log", paramLabel = "FILE", description = "Where this node writes its log.")
  private Path log;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    NodeSettings node = node();
    RunSettings settings = recipe.load();
    if (log != null) {
      LogFile.to(log, settings.log());
    }
    Interrupt interrupt = Interrupt.within(grace);
    int code = 1;
    try {
      Optional<RunOutcome> outcome = Optional.empty();
      while (outcome.isEmpty()) {
        outcome = takePart(settings, node, interrupt);
      }
      code = outcome.get() instanceof RunOutcome.Stopped ? 1 : 0;
    } finally {
      interrupt.settle(code);
    }
    return code;
  }

  /**
   * Takes part in the run until it is over.
   *
   * @return empty if the node lost touch with the run and may look for it again
   */
  private Optional<RunOutcome> takePart(
      RunSettings settings, NodeSettings node, Interrupt interrupt) throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    boolean supervises = node.roles().contains(Role.SUPERVISOR);
    var options =
        new ClusterNode.Options(
            "the same commands on all nodes",
            directory -> {
              if (log == null) {
                LogFile.to(directory.resolve("troupe.log"), settings.log());
              }
              StopRequest.take(directory); // Of a process that is gone.
            },
            (run, epoch) -> greet(run, out));
    try (RunView view = Console.open(supervises ? mode() : Console.Mode.QUIET);
        ClusterNode process = ClusterNode.start(settings, node, options, view)) {
      interrupt.attach(process::drain);
      Optional<RunOutcome> outcome = Optional.empty();
      while (outcome.isEmpty()) {
        outcome = process.await(GLANCE);
        if (supervises) {
          StopRequest.take(settings.directory())
              .ifPresent(time -> process.drain("The run was asked to stop.", time));
        }
      }
      if (!supervises && outcome.get() instanceof RunOutcome.Stopped stopped) {
        tell(out, "the run stopped: " + stopped.cause());
      } else if (!supervises && outcome.get() instanceof RunOutcome.Paused paused) {
        tell(out, paused.sentence());
      }
      return outcome;
    } catch (OutOfTouchException e) {
      if (supervises) {
        throw e; // Another one may have taken over; two must not write one directory.
      }
      tell(out, e.getMessage() + " Looking for it again.");
      return Optional.empty();
    }
  }

  private Console.Mode mode() {
    return isJson ? Console.Mode.JSON : Console.Mode.AUTO;
  }

  private void greet(String run, PrintWriter out) {
    if (!isJson) {
      tell(out, "takes part in %s as %s".formatted(run, names()));
    }
  }

  private static void tell(PrintWriter out, String sentence) {
    out.println(sentence);
    out.flush();
  }

  private String names() {
    return String.join(", ", roles.stream().map(Role::toString).toList());
  }

  private NodeSettings node() {
    Set<Role> wanted = EnumSet.copyOf(roles);
    boolean supervises = wanted.contains(Role.SUPERVISOR);
    if (seeds.isEmpty() && bootstrap == null && !supervises) {
      throw misuse(
          "A node that does not supervise needs --seed-nodes: the address of a running node, such as 127.0.0.1:25520.");
    }
    if (!seeds.isEmpty() && bootstrap != null) {
      throw misuse("--seed-nodes and --bootstrap are two ways to find the same cluster; give one.");
    }
    if (patience < 1) {
      throw misuse("--patience = " + patience + " is not 1 second or more.");
    }
    return new NodeSettings(
        wanted,
        new NodeAddress(host, port != null ? port : supervises ? DEFAULT_PORT : 0),
        dataPort,
        secret != null ? secret : SecretFile.usual(),
        seeds.stream().map(NodeAddress::parse).toList(),
        transport(),
        detection,
        Duration.ofSeconds(patience),
        tls(),
        management());
  }

  private ParameterException misuse(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  private Optional<TlsFiles> tls() {
    boolean isGiven = tlsCertificate != null && tlsKey != null && tlsAuthority != null;
    boolean isAsked = transport() == NodeSettings.Transport.TLS_TCP;
    if (isAsked && !isGiven) {
      throw misuse("--transport tls-tcp needs --tls-certificate, --tls-key and --tls-authority.");
    }
    if (!isAsked && (tlsCertificate != null || tlsKey != null || tlsAuthority != null)) {
      throw misuse(
          "Certificates are for --transport tls-tcp; with %s nothing is encrypted."
              .formatted(transport));
    }
    return isAsked
        ? Optional.of(new TlsFiles(tlsCertificate, tlsKey, tlsAuthority))
        : Optional.empty();
  }

  private Optional<Management> management() {
    if (management == null && bootstrap == null) {
      return Optional.empty();
    }
    NodeAddress address = new NodeAddress(host, Management.USUAL_PORT);
    if (management != null) {
      address = NodeAddress.parse(management.contains(":") ? management : host + ":" + management);
    }
    return Optional.of(new Management(address, Optional.ofNullable(bootstrap).map(this::way)));
  }

  private Management.Bootstrap way(String text) {
    return switch (text) {
      case "kubernetes" -> new Management.Kubernetes(service);
      case "dns" -> new Management.Dns(service);
      default ->
          new Management.Contacts(Stream.of(text.split(",")).map(NodeAddress::parse).toList());
    };
  }

  private NodeSettings.Transport transport() {
    return switch (transport) {
      case "aeron-udp" -> NodeSettings.Transport.AERON_UDP;
      case "tcp" -> NodeSettings.Transport.TCP;
      case "tls-tcp" -> NodeSettings.Transport.TLS_TCP;
      default ->
          throw misuse(
              "--transport = \"%s\" is none of aeron-udp, tcp and tls-tcp.".formatted(transport));
    };
  }
}
