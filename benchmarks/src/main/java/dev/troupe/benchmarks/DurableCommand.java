package dev.troupe.benchmarks;

import dev.troupe.actors.experience.FinishedGroup;
import dev.troupe.actors.experience.LedgerDesk;
import dev.troupe.actors.journal.Chronicle;
import dev.troupe.actors.journal.Decision;
import dev.troupe.actors.journal.DecisionBatch;
import dev.troupe.actors.journal.JournalFiles;
import dev.troupe.actors.journal.JournalStorage;
import dev.troupe.actors.protocol.RunOutcome;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.run.EmbeddedRun;
import dev.troupe.actors.wire.GroupForm;
import dev.troupe.runtime.disk.DiskRoom;
import dev.troupe.runtime.ledger.Ledger;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.record.MetricsLog;
import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutLog;
import dev.troupe.runtime.rollout.RolloutRow;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What it costs that a run survives, and how soon its journal is read again. */
@Command(
    name = "durable",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a short quickstart, then writes once more, and times, what it has left: decisions one by one,",
      "groups step by step, rollouts as Parquet; all of it against the time of its GRPO steps.",
      "Then reads the journal of a long run, as a restart does."
    })
final class DurableCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String STAGE = "grpo";

  /** Groups of a step of the quickstart. */
  private static final int PROMPTS = 32;

  private static final double MILLION = 1e6;
  private static final String DIGEST = "0".repeat(64);

  @Option(names = "--steps", defaultValue = "12", description = "GRPO steps (default: 12).")
  private int steps;

  @Option(
      names = "--journal",
      defaultValue = "10000",
      description = "Steps of the long run's journal (default: 10000).")
  private int journalSteps;

  @Option(names = "--recovery-only", description = "Leaves the run out.")
  private boolean isRecoveryOnly;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (var scratch = new Scratch()) {
      if (!isRecoveryOnly) {
        compare(out, scratch.path());
      }
      recover(out, scratch.path().resolve("saved"), 10);
      recover(out, scratch.path().resolve("never-saved"), Integer.MAX_VALUE);
    }
    out.flush();
    return 0;
  }

  private void compare(PrintWriter out, Path scratch) throws Exception {
    Path run = scratch.resolve("run");
    RunSettings settings =
        Recipe.load(
            Scratch.recipes().resolve("quickstart.conf"),
            Scratch.shortened(run, steps, "ledger.keep=all"));
    carryOut(settings);
    double step = millisOfAStep(run);
    double journal = journal(settings, scratch.resolve("journal"));
    double ledger = ledger(run, scratch.resolve("ledger"));
    double parquet = parquet(run, scratch.resolve("records"));
    double all = journal + ledger + parquet;
    out.printf("a GRPO step of the quickstart takes %.0f ms (median of %d)%n", step, steps - 1);
    out.printf("  its decision in the journal   %7.2f ms  %.2f%%%n", journal, share(journal, step));
    out.printf("  its groups in the ledger      %7.2f ms  %.2f%%%n", ledger, share(ledger, step));
    out.printf("  its rollouts as Parquet       %7.2f ms  %.2f%%%n", parquet, share(parquet, step));
    out.printf("  all three                     %7.2f ms  %.2f%%%n", all, share(all, step));
    out.flush();
  }

  private static double share(double part, double whole) {
    return 100 * part / whole;
  }

  private static void carryOut(RunSettings settings) throws InterruptedException {
    try (EmbeddedRun run =
        EmbeddedRun.start(settings, EmbeddedRun.Options.usual("bench"), event -> {})) {
      Optional<RunOutcome> outcome = run.await(PATIENCE);
      if (outcome.isEmpty() || !(outcome.get() instanceof RunOutcome.Completed)) {
        throw new IllegalStateException("the run did not complete: " + outcome);
      }
    }
  }

  /** The first step warms up. */
  private static double millisOfAStep(Path run) {
    List<Double> sorted =
        MetricsLog.read(run.resolve("metrics.jsonl")).stream()
            .filter(it -> it.stage().equals(STAGE) && it.step() > 1)
            .map(it -> 1000 * it.values().get("time/step-seconds"))
            .sorted()
            .toList();
    return sorted.get(sorted.size() / 2);
  }

  /** Milliseconds until one decision is on the disk. */
  private static double journal(RunSettings settings, Path scratch) {
    List<DecisionBatch> batches =
        JournalFiles.look(JournalStorage.folder(settings.directory()), settings.name());
    try (JournalFiles files = JournalFiles.open(scratch)) {
      files.write("first", batches); // Creates the file.
      long begin = System.nanoTime();
      for (DecisionBatch batch : batches) {
        files.write(settings.name(), List.of(batch));
      }
      return (System.nanoTime() - begin) / MILLION / batches.size();
    }
  }

  /** Milliseconds until the groups of a step are on the disk. */
  private double ledger(Path run, Path scratch) throws Exception {
    var bySteps = new TreeMap<Long, List<FinishedGroup>>();
    for (Path folder : List.of(run.resolve("ledger"), run.resolve("ledger").resolve("archive"))) {
      Ledger.visit(
          folder,
          entry -> {
            if (entry.key().phase().equals(STAGE)) {
              bySteps
                  .computeIfAbsent(entry.key().ordinal() / PROMPTS, step -> new ArrayList<>())
                  .add(group(entry.payload()));
            }
          });
    }
    try (var desk = new LedgerDesk(scratch, Ledger.Retention.ALL, DiskRoom.of(scratch, 0))) {
      write(desk, bySteps.firstEntry().getValue()); // Creates the file.
      long begin = System.nanoTime();
      for (List<FinishedGroup> groups : bySteps.values()) {
        write(desk, groups);
      }
      return (System.nanoTime() - begin) / MILLION / bySteps.size();
    }
  }

  private static FinishedGroup group(ByteBuffer form) {
    var bytes = new byte[form.remaining()];
    form.get(bytes);
    try {
      return GroupForm.read(bytes);
    } catch (NotSerializableException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(LedgerDesk desk, List<FinishedGroup> groups) throws Exception {
    CompletableFuture.allOf(
            groups.stream()
                .map(group -> desk.write(group).toCompletableFuture())
                .toArray(CompletableFuture[]::new))
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Milliseconds of the thread that writes the rollouts of a step. */
  private double parquet(Path run, Path scratch) throws IOException {
    var rows = new ArrayList<List<RolloutRow>>();
    try (RolloutArchive archive = RolloutArchive.open(run)) {
      for (int step = 1; step <= steps; step++) {
        rows.add(archive.rows(STAGE, step, Optional.empty(), Integer.MAX_VALUE));
      }
    }
    try (RolloutLog log = new RolloutLog(scratch, 0, Map.of("run", "bench"))) {
      add(log, "first", rows.subList(0, 1)); // Starts DuckDB.
      long begin = System.nanoTime();
      add(log, STAGE, rows);
      return (System.nanoTime() - begin) / MILLION / rows.size();
    }
  }

  private static void add(RolloutLog log, String stage, List<List<RolloutRow>> rows) {
    for (int step = 0; step < rows.size(); step++) {
      List<RolloutRow> own = rows.get(step);
      long tokens = own.stream().mapToLong(row -> row.sampled().tokens().length).sum();
      log.add(stage, step + 1, tokens, () -> own);
    }
    log.flush();
  }

  /** How long a restart reads the journal of a long run. */
  private void recover(PrintWriter out, Path scratch, int checkpointEvery) {
    var batches = new ArrayList<DecisionBatch>();
    add(batches, new Decision.RunBegun("bench", "settings"));
    add(batches, new Decision.StageOpened(0, STAGE, versions(0)));
    for (long step = 1; step <= journalSteps; step++) {
      List<TicketId> tickets =
          LongStream.range(PROMPTS * step, PROMPTS * (step + 1))
              .mapToObj(ordinal -> new TicketId(STAGE, ordinal))
              .toList();
      add(batches, new Decision.StepTrained(STAGE, tickets, versions(step), 0.5));
      if (step % checkpointEvery == 0) {
        add(batches, new Decision.CheckpointSaved(STAGE, step, step - checkpointEvery));
      }
    }
    try (JournalFiles files = JournalFiles.open(scratch)) {
      files.write("bench", batches);
    }
    long begin = System.nanoTime();
    List<DecisionBatch> read = JournalFiles.look(scratch, "bench");
    long known = System.nanoTime();
    Chronicle chronicle = Chronicle.EMPTY;
    for (DecisionBatch batch : read) {
      for (Decision decision : batch.decisions()) {
        chronicle = chronicle.with(decision);
      }
    }
    out.printf(
        "the journal of %,d steps, %s: read in %.0f ms, understood in %.0f ms%n",
        chronicle.of(STAGE).orElseThrow().trained(),
        checkpointEvery > journalSteps ? "none saved" : "every " + checkpointEvery + "th saved",
        (known - begin) / MILLION,
        (System.nanoTime() - known) / MILLION);
  }

  private static void add(List<DecisionBatch> batches, Decision decision) {
    batches.add(new DecisionBatch(batches.size() + 1, "bench", 0, List.of(decision)));
  }

  private static VersionSet versions(long step) {
    return new VersionSet(step, new PolicyVersion(0, step, DIGEST), ScoringModels.NONE);
  }
}
