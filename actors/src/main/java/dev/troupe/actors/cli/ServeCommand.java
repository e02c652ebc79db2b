package dev.troupe.actors.cli;

import dev.troupe.actors.chat.ModelServer;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.tokenizer.ChatTemplate;
import dev.troupe.runtime.tokenizer.ChatTokenizer;
import dev.troupe.runtime.tokenizer.HuggingFaceTokenizers;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe serve}. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Serves a model over OpenAI's interface for chat completions, until it is interrupted.",
      "Messages are written by the model's chat template; without one they follow each other.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe serve runs/quickstart",
      "  troupe serve models/my-model --port 8000",
      "  CHAT_TOKEN=secret troupe serve models/my-model --host 0.0.0.0 --token-from CHAT_TOKEN"
    })
final class ServeCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description = "A model directory, or a run directory (its last stage's newest checkpoint).")
  private Path model;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description =
          "Address to listen on; others than loopback need a token (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8000",
      description = "Port; 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--token-from",
      paramLabel = "VARIABLE",
      description = "Environment variable with the token that clients must show.")
  private String tokenFrom;

  @Option(
      names = "--most-waiting",
      paramLabel = "N",
      defaultValue = "256",
      description = "Requests at a time; further ones get status 429 (default: ${DEFAULT-VALUE}).")
  private int mostWaiting;

  @Option(
      names = "--deadline",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description = "Of one request (default: ${DEFAULT-VALUE}).")
  private long deadline;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of requests that bring none (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private DeviceChoice device;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    Optional<String> token = token();
    if (port < 0 || port > 65_535 || mostWaiting < 1 || deadline < 1) {
      throw new RunException(
          "--port must be 0 to 65535, --most-waiting and --deadline at least 1; found %d, %d and %d."
              .formatted(port, mostWaiting, deadline));
    }
    Path directory = ModelDirectory.find(model);
    LoadedModel loaded = HuggingFaceDirectory.load(directory);
    try (Tokenizer tokenizer = tokenizer(directory);
        Accelerator accelerator = device.open();
        GenerationEngine engine =
            new GenerationEngine(accelerator, loaded.config(), NumericType.FP32)) {
      HuggingFaceDirectory.requireVocabulary(tokenizer.vocabSize(), loaded.config());
      try (DecoderWeights weights = DecoderWeights.load(accelerator, loaded)) {
        engine.adopt(weights);
      }
      var options =
          new ModelServer.Options(
              model.toString(), host, port, token, mostWaiting, Duration.ofSeconds(deadline), seed);
      var prompts = new PromptTokens(tokenizer, loaded.config());
      try (ModelServer server = ModelServer.open(options, engine, prompts, Clock.systemUTC())) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("%s is served at %s; Ctrl-C ends it.".formatted(model, server.address()));
        out.flush();
        rest();
      }
    }
    return 0;
  }

  /** Until the process is interrupted: nobody counts down. */
  private static void rest() throws InterruptedException {
    var ended = new CountDownLatch(1);
    boolean isOver = false;
    while (!isOver) {
      isOver = ended.await(1, TimeUnit.HOURS);
    }
  }

  private static Tokenizer tokenizer(Path directory) {
    return ChatTemplate.source(directory).isPresent()
        ? ChatTokenizer.load(directory)
        : HuggingFaceTokenizers.load(directory);
  }

  private Optional<String> token() {
    Optional<String> token = Optional.ofNullable(tokenFrom).map(System::getenv);
    if (tokenFrom != null && token.filter(it -> !it.isBlank()).isEmpty()) {
      throw new RunException(
          "--token-from %s: the environment variable is not set.".formatted(tokenFrom));
    }
    boolean isLoopback;
    try {
      isLoopback = InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new RunException("--host %s is no address of this machine.".formatted(host), e);
    }
    if (!isLoopback && token.isEmpty()) {
      throw new RunException(
          "--host %s can be reached from other machines; give a token with --token-from."
              .formatted(host));
    }
    return token;
  }
}
