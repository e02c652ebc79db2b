package dev.troupe.runtime.record.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.record.StepMetrics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Sends the metrics of a run to an MLflow tracking server by its REST API (2.0: experiments, runs
 * and {@code runs/log-batch}), on a thread of its own. While the server is away, steps wait, the
 * oldest of too many are dropped, and all of it is counted. A run that is resumed goes on in the
 * MLflow run that {@code mlflow.json} in its directory names.
 */
public final class MlflowExport implements MetricsExport {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
  private static final Duration LAST_CHANCE = Duration.ofSeconds(10);
  private static final int MOST_WAITING = 10_000;

  /** Limits of one log-batch request, by MLflow's REST documentation. */
  private static final int MOST_METRICS = 1000;

  private static final int MOST_PARAMS = 100;

  private record Waiting(StepMetrics step, long millis) {}

  private final MlflowServer server;
  private final MlflowState state;
  private final String experiment;
  private final String name;
  private final SortedMap<String, String> params;
  private final Clock clock;
  private final Thread worker;

  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final List<String> complaints = new ArrayList<>();
  private Boolean isFinished;
  private boolean isClosing;
  private long dropped;
  private long failures;

  /**
   * Starts sending.
   *
   * @param server where to send
   * @param state what is known of earlier starts of the run
   * @param experiment name of the experiment, created if there is none
   * @param name name of the run
   * @param params settings by key, logged once
   */
  public MlflowExport(
      MlflowServer server,
      MlflowState state,
      String experiment,
      String name,
      SortedMap<String, String> params,
      Clock clock) {
    this.server = server;
    this.state = state;
    this.experiment = experiment;
    this.name = name;
    this.params = new TreeMap<>(params);
    this.clock = clock;
    this.worker = new Thread(this::work, "troupe-mlflow");
    worker.setDaemon(true);
    worker.start();
  }

  @Override
  public synchronized void add(StepMetrics step) {
    if (waiting.size() == MOST_WAITING) {
      waiting.removeFirst();
      if (dropped++ == 0) {
        complaints.add(
            "MLflow at %s is away so long that steps are dropped there; metrics.jsonl has them all."
                .formatted(server.address()));
      }
    }
    waiting.addLast(new Waiting(step, clock.millis()));
    notifyAll();
  }

  @Override
  public synchronized void end(boolean finished) {
    isFinished = finished;
    notifyAll();
  }

  @Override
  public synchronized List<String> complaints() {
    List<String> told = List.copyOf(complaints);
    complaints.clear();
    return told;
  }

  /** Calls that failed so far. */
  public synchronized long failures() {
    return failures;
  }

  private void work() {
    Duration pause = FIRST_PAUSE;
    try {
      while (awaitWork()) {
        try {
          send();
          pause = FIRST_PAUSE;
        } catch (IOException e) {
          failed(e);
          if (!rest(pause)) {
            return;
          }
          pause =
              pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                  ? pause.multipliedBy(2)
                  : LONGEST_PAUSE;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // close() has waited long enough.
    }
  }

  /** Waits until there is something to send; false when there never will be. */
  private synchronized boolean awaitWork() throws InterruptedException {
    while (waiting.isEmpty() && isFinished == null && !isClosing) {
      wait(LONGEST_PAUSE.toMillis());
    }
    return !waiting.isEmpty() || isFinished != null;
  }

  /** Waits before the next attempt; while closing there is no time for many. */
  private synchronized boolean rest(Duration pause) throws InterruptedException {
    wait((isClosing ? FIRST_PAUSE : pause).toMillis());
    return true;
  }

  private synchronized void failed(IOException e) {
    if (failures++ == 0) {
      complaints.add(
          "MLflow at %s does not take the metrics (%s); they are sent again, and metrics.jsonl has them all."
              .formatted(server.address(), e.getMessage()));
    }
  }

  private void send() throws IOException, InterruptedException {
    if (state.run().isEmpty()) {
      create();
    }
    List<Waiting> batch = batch();
    if (!batch.isEmpty()) {
      logBatch(batch);
      synchronized (this) {
        // What was dropped meanwhile were the oldest, which are in the batch.
        batch.forEach(sent -> waiting.remove(sent));
      }
      return;
    }
    Boolean finished;
    synchronized (this) {
      finished = isFinished;
    }
    if (finished != null) {
      ObjectNode update = MlflowServer.object();
      update.put("run_id", state.run().orElseThrow());
      update.put("status", finished ? "FINISHED" : "FAILED");
      update.put("end_time", clock.millis());
      server.post("runs/update", update);
      synchronized (this) {
        isFinished = null;
        isClosing = true;
      }
    }
  }

  private void create() throws IOException, InterruptedException {
    ObjectNode run = MlflowServer.object();
    run.put("experiment_id", server.experiment(experiment));
    run.put("run_name", name);
    run.put("start_time", clock.millis());
    run.putArray("tags").addObject().put("key", "mlflow.source.name").put("value", "troupe");
    JsonNode made = server.post("runs/create", run);
    String id = made.at("/run/info/run_id").asText();
    if (id.isEmpty()) {
      throw new IOException("runs/create answered without a run_id");
    }
    var keys = new ArrayList<>(params.keySet());
    for (int from = 0; from < keys.size(); from += MOST_PARAMS) {
      ObjectNode batch = MlflowServer.object();
      batch.put("run_id", id);
      var list = batch.putArray("params");
      keys.subList(from, Math.min(keys.size(), from + MOST_PARAMS))
          .forEach(
              key ->
                  list.addObject()
                      .put("key", key)
                      .put("value", MlflowServer.value(params.get(key))));
      server.post("runs/log-batch", batch);
    }
    state.begin(id);
  }

  /** As many whole steps as a request may have, less those sent before. */
  private synchronized List<Waiting> batch() {
    var batch = new ArrayList<Waiting>();
    int metrics = 0;
    while (!waiting.isEmpty() && state.isSent(waiting.peekFirst().step())) {
      waiting.removeFirst();
    }
    for (Waiting one : waiting) {
      metrics += one.step().values().size();
      if (!batch.isEmpty() && metrics > MOST_METRICS) {
        break;
      }
      batch.add(one);
    }
    return batch;
  }

  private void logBatch(List<Waiting> batch) throws IOException, InterruptedException {
    ObjectNode body = MlflowServer.object();
    body.put("run_id", state.run().orElseThrow());
    var metrics = body.putArray("metrics");
    for (Waiting one : batch) {
      one.step()
          .values()
          .forEach(
              (metric, value) -> {
                ObjectNode entry = metrics.addObject();
                entry.put("key", one.step().stage() + "/" + metric);
                // MLflow stores what is not finite under these names.
                if (Double.isFinite(value)) {
                  entry.put("value", value);
                } else {
                  entry.put(
                      "value", Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
                }
                entry.put("timestamp", one.millis());
                entry.put("step", one.step().step());
              });
    }
    server.post("runs/log-batch", body);
    batch.forEach(sent -> state.sent(sent.step()));
    state.write();
  }

  @Override
  public void close() {
    synchronized (this) {
      isClosing = true;
      notifyAll();
    }
    try {
      worker.join(LAST_CHANCE.toMillis());
      if (worker.isAlive()) {
        worker.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
