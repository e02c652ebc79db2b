package dev.troupe.runtime.remote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.PeftAdapter;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.CounterRandom;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.http.CallException;
import dev.troupe.runtime.http.CallSettings;
import dev.troupe.runtime.http.JsonCaller;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.settings.GenerationSettings;
import dev.troupe.runtime.tokenizer.Tokenizer;
import dev.troupe.runtime.training.ScoringEngine;
import dev.troupe.runtime.training.TrainingSequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Samples with a server. One thread at a time.
 *
 * <p>A server has proved a version when two things hold: it names the directory or adapter of that
 * version, whose name holds the digest of the weights, as what it holds; and the log-probabilities
 * that it gives to its own greedy completions of a few probes are those of the learner's weights,
 * computed here, within a tolerance. The first tells apart versions that differ by little, the
 * second a server that says so but computes something else. The first is asked again before each
 * batch.
 */
public final class RemoteSampler implements AutoCloseable {
  private static final int PROBES = 4;
  private static final int PROBE_TOKENS = 8;
  private static final int DIGITS = 16;
  private static final int MICRO_BATCH_TOKENS = 1024;

  private final GenerationSettings settings;
  private final RemoteDialect dialect;
  private final JsonCaller caller;
  private final Tokenizer tokenizer;
  private final DecoderConfig config;
  private final ExecutorService threads;
  private Held held;

  /** The weights that the server has proved. */
  private record Held(String name, Path directory) {}

  /**
   * Nothing is called yet.
   *
   * @param tokenizer of the model, written beside checkpoints
   */
  public RemoteSampler(GenerationSettings settings, Tokenizer tokenizer, DecoderConfig config) {
    this.settings = settings;
    this.dialect =
        settings.server() == GenerationSettings.Server.VLLM
            ? new VllmDialect()
            : new SglangDialect();
    this.caller = new JsonCaller(settings.call());
    this.tokenizer = tokenizer;
    this.config = config;
    this.threads =
        Executors.newFixedThreadPool(
            settings.parallel(),
            task -> {
              var thread = new Thread(task, "troupe-remote");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Has the server take up weights and prove them.
   *
   * @param number of the policy version
   * @throws RemoteException if it does not hold them afterwards
   */
  public void adopt(long number, DecoderWeights weights) {
    Held before = held;
    held = null; // Until it is proved, nothing is held.
    String name = "troupe-%d-%s".formatted(number, weights.digest().substring(0, DIGITS));
    Held next = new Held(name, settings.share().toAbsolutePath().resolve(name));
    write(next.directory(), weights);
    if (dialect.unload().isPresent() && isNamed(next)) {
      // Left by an earlier start of this generator: it is not loaded twice under one name.
      unload(next);
    }
    JsonNode answer = announce(next);
    if (answer.path("success").isBoolean() && !answer.path("success").booleanValue()) {
      throw new RemoteException(
          "%s did not take up %s: %s"
              .formatted(settings.call().url(), name, answer.path("message").asText("no reason")),
          false,
          null);
    }
    requireHeld(next);
    prove(next, weights);
    held = next;
    if (before != null && !before.equals(next)) {
      giveUp(before);
    }
  }

  private void write(Path directory, DecoderWeights weights) {
    if (Files.isDirectory(directory)) {
      return; // Its name holds the digest of what is in it, and it appears complete or not at all.
    }
    if (dialect.takesAdapters()) {
      if (weights.lora() == null) {
        throw new RemoteException(
            "vLLM takes new weights as adapters only, and these have none; give the stages"
                + " optimizer.lora, and begin with the model that the server was started with, or"
                + " use generation.backend = sglang.",
            true,
            null);
      }
      PeftAdapter.of(weights.lora(), weights.toHost(), settings.model()).save(directory);
      return;
    }
    Path aside = directory.resolveSibling("." + directory.getFileName() + ".part");
    try {
      delete(aside);
      Files.createDirectories(aside);
      try (DecoderWeights merged = weights.lora() == null ? null : weights.merged()) {
        DecoderWeights whole = merged == null ? weights : merged;
        HuggingFaceDirectory.writeInto(
            aside, whole.config(), whole.toHost(), null, HuggingFaceDirectory.DEFAULT_SHARD_BYTES);
      }
      tokenizer.save(aside);
      Files.move(aside, directory);
    } catch (IOException e) {
      throw new RemoteException(
          "generation.share = %s: the weights cannot be written: %s".formatted(settings.share(), e),
          true,
          e);
    }
  }

  private JsonNode announce(Held next) {
    String what = "take up " + next.name();
    try {
      return caller.tell(
          settings.call().at(dialect.reload()).url(),
          dialect.announce(next.name(), next.directory()));
    } catch (CallException e) {
      throw failed(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(what, e);
    }
  }

  private boolean isNamed(Held wanted) {
    JsonNode answer = get(dialect.held(), "tell which weights it holds");
    return dialect.holds(answer, wanted.name(), wanted.directory());
  }

  private void unload(Held held) {
    String what = "give up " + held.name();
    try {
      tellUnload(held);
    } catch (CallException e) {
      throw failed(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(what, e);
    }
  }

  private void tellUnload(Held held) throws CallException, InterruptedException {
    caller.tell(
        settings.call().at(dialect.unload().orElseThrow()).url(),
        JsonCaller.JSON.createObjectNode().put("lora_name", held.name()));
  }

  private void requireHeld(Held wanted) {
    JsonNode answer = get(dialect.held(), "tell which weights it holds");
    if (!dialect.holds(answer, wanted.name(), wanted.directory())) {
      throw new RemoteException(
          "%s does not hold %s: it says %s"
              .formatted(settings.call().url(), wanted.name(), shortened(answer.toString())),
          false,
          null);
    }
  }

  private static String shortened(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }

  /** Compares log-probabilities of what the server says to a few fixed probes. */
  private void prove(Held next, DecoderWeights weights) {
    int length = Math.max(1, Math.min(PROBE_TOKENS, config.context() / 2));
    int more = Math.min(PROBE_TOKENS, config.context() - length);
    var requests = new ArrayList<GenerationRequest>();
    for (int probe = 0; probe < PROBES; probe++) {
      int[] prompt = new int[length];
      for (int t = 0; t < length; t++) {
        float chance = CounterRandom.uniform(CounterRandom.stream(0, probe, 0), t);
        prompt[t] = (int) (chance * tokenizer.vocabSize());
      }
      requests.add(new GenerationRequest(probe, prompt, 1));
    }
    List<List<Completion>> said =
        complete(requests, Sampling.greedy(more, config.eosTokens()), 0, next);
    var sequences = new ArrayList<TrainingSequence>();
    for (int probe = 0; probe < PROBES; probe++) {
      int[] prompt = requests.get(probe).promptTokens();
      int[] tokens = said.get(probe).get(0).tokens();
      int[] all = Arrays.copyOf(prompt, prompt.length + tokens.length);
      System.arraycopy(tokens, 0, all, prompt.length, tokens.length);
      sequences.add(new TrainingSequence(all, prompt.length));
    }
    List<float[]> expected;
    try (DecoderWeights merged = weights.lora() == null ? null : weights.merged();
        var scoring =
            new ScoringEngine(
                merged == null ? weights : merged, NumericType.FP32, MICRO_BATCH_TOKENS)) {
      expected = scoring.logps(sequences, 1);
    }
    double largest = 0;
    for (int probe = 0; probe < PROBES; probe++) {
      float[] told = said.get(probe).get(0).logps();
      for (int t = 0; t < told.length; t++) {
        largest = Math.max(largest, Math.abs((double) told[t] - expected.get(probe)[t]));
      }
    }
    if (!(largest <= settings.tolerance())) {
      throw new RemoteException(
          "%s says that it holds %s, but its log-probabilities differ from the learner's by %.3g nats, more than generation.tolerance = %s; it was started with another model, or computes too roughly."
              .formatted(settings.call().url(), next.name(), largest, settings.tolerance()),
          false,
          null);
    }
  }

  private void giveUp(Held before) {
    try {
      if (dialect.unload().isPresent()) {
        tellUnload(before);
      }
      delete(before.directory());
    } catch (IOException e) {
      return; // Nobody needs it any more; it only takes room.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * Samples with the weights that were proved last.
   *
   * @return for each request its completions in sample order
   * @throws RemoteException if one of them cannot be had
   */
  public List<List<Completion>> complete(
      List<GenerationRequest> requests, Sampling sampling, long seed) {
    if (held == null) {
      throw new IllegalStateException("no weights were taken up before the first prompt");
    }
    requireHeld(held);
    return complete(requests, sampling, seed, held);
  }

  private List<List<Completion>> complete(
      List<GenerationRequest> requests, Sampling sampling, long seed, Held with) {
    var running = new ArrayList<List<Future<Completion>>>();
    for (GenerationRequest request : requests) {
      var samples = new ArrayList<Future<Completion>>();
      for (int i = 0; i < request.samples(); i++) {
        RemoteDialect.Wanted wanted =
            wanted(request, request.firstSample() + i, sampling.maxTokens(), seed);
        samples.add(threads.submit(() -> complete(wanted, sampling, with)));
      }
      running.add(samples);
    }
    try {
      var all = new ArrayList<List<Completion>>();
      for (List<Future<Completion>> samples : running) {
        var completions = new ArrayList<Completion>();
        for (Future<Completion> sample : samples) {
          completions.add(result(sample));
        }
        all.add(completions);
      }
      return all;
    } finally {
      running.forEach(samples -> samples.forEach(sample -> sample.cancel(true)));
    }
  }

  /** A seed for each completion, so that it can be drawn again alone. */
  private RemoteDialect.Wanted wanted(
      GenerationRequest request, int sample, int maxTokens, long seed) {
    long stream = CounterRandom.stream(seed, request.ticket(), sample);
    int own =
        (int) (CounterRandom.mix(stream + request.drawn()) >>> (Long.SIZE - Integer.SIZE + 1));
    int room = config.context() - request.promptTokens().length;
    return new RemoteDialect.Wanted(
        request.promptTokens(),
        sample,
        Math.min(Math.min(maxTokens, request.maxTokens()), room),
        own);
  }

  private Completion complete(RemoteDialect.Wanted wanted, Sampling sampling, Held with)
      throws CallException, InterruptedException {
    CallSettings place = settings.call().at(dialect.completions());
    JsonNode answer = caller.call(place.url(), dialect.ask(wanted, sampling, with.name()));
    Completion completion = dialect.read(answer, wanted);
    for (int id : completion.tokens()) {
      if (id < 0 || id >= config.vocabSize()) {
        throw new CallException(
            "%s: it sampled token %d, but the model has %d; it serves another model"
                .formatted(place.url(), id, config.vocabSize()),
            false);
      }
    }
    int last = completion.tokens()[completion.tokens().length - 1];
    if (completion.finish() == FinishReason.STOP_TOKEN && !sampling.stopTokens().contains(last)) {
      throw new CallException(
          place.url()
              + ": it ended a completion by a token that it left out; let it keep stop tokens",
          false);
    }
    return completion;
  }

  private Completion result(Future<Completion> sample) {
    try {
      // Each call has a deadline of its own; others may have to end before it begins.
      return sample.get(2 * settings.call().deadline().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw failed("complete a prompt", e.getCause());
    } catch (TimeoutException e) {
      throw failed("complete a prompt", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("complete a prompt", e);
    }
  }

  private JsonNode get(String path, String what) {
    try {
      return caller.call(settings.call().at(path).url(), null);
    } catch (CallException e) {
      throw failed(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(what, e);
    }
  }

  private RemoteException failed(String what, Throwable cause) {
    return new RemoteException(
        "the server could not %s: %s".formatted(what, cause.getMessage()), false, cause);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    if (held != null) {
      giveUp(held);
      held = null;
    }
  }
}
