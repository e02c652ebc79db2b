package dev.troupe.runtime.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.record.RecordException;
import dev.troupe.runtime.rollout.RolloutRow.Component;
import dev.troupe.runtime.rollout.RolloutRow.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutLogTest {
  private static final Map<String, String> FACTS = Map.of("run", "o'clock");

  @TempDir private Path run;

  private RolloutLog log() {
    return new RolloutLog(run, 0, FACTS);
  }

  private static void add(RolloutLog log, String stage, long step) {
    log.add(stage, step, 6, () -> List.of(SampleRollouts.row(stage, step, (int) step)));
  }

  /** All recorded steps, through SQL, as anybody would ask. */
  private List<String> recorded() throws Exception {
    var rows = new ArrayList<String>();
    try (DuckDBConnection duck = Duck.open();
        Statement statement = duck.createStatement();
        ResultSet answer =
            statement.executeQuery(
                "select stage, step, rewards['exact-match'] from '%s/rollouts/*.parquet' order by stage, step"
                    .formatted(run))) {
      while (answer.next()) {
        rows.add(answer.getString(1) + " " + answer.getLong(2) + " " + answer.getDouble(3));
      }
    }
    return rows;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("rollouts"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void readsBackEveryValueOfARow() {
    try (RolloutLog log = log()) {
      add(log, "grpo", 1);
      log.add(
          "grpo",
          2,
          3,
          () ->
              List.of(
                  SampleRollouts.row(
                      new RolloutRow.Place("grpo", Purpose.TRAINING, 2, "grpo/9", 3),
                      new RolloutRow.Judged(
                          null,
                          "the server said \"no\"",
                          List.of(new Component("judge", Double.NaN, 0.5, "JudgeReward@1")),
                          new float[] {0.5f}))));
      log.flush();
    }

    try (RolloutArchive archive = RolloutArchive.open(run)) {
      assertEquals(List.of(new RolloutArchive.Range("grpo", 1, 2)), RolloutArchive.ranges(run));
      assertEquals(new RolloutArchive.Size(1, 3, 1), archive.size("grpo", 2));
      RolloutRow row = archive.rows("grpo", 1, Optional.empty(), 9).get(0);
      RolloutRow written = SampleRollouts.row("grpo", 1, 1);
      assertEquals(written.place(), row.place());
      assertEquals(written.judged().components(), row.judged().components());
      assertEquals(written.models(), row.models());
      assertEquals("e'1", row.prompt().example());
      assertArrayEquals(written.prompt().tokens(), row.prompt().tokens());
      assertArrayEquals(written.sampled().logps(), row.sampled().logps());
      assertArrayEquals(written.sampled().versions(), row.sampled().versions());
      assertArrayEquals(written.credit().advantages(), row.credit().advantages());
      assertArrayEquals(written.credit().mask(), row.credit().mask());
      assertNull(row.credit().reference());
      assertEquals(List.of("1", "2", ""), List.of(row.piece(0), row.piece(1), row.piece(2)));

      RolloutRow failed = archive.rows("grpo", 2, Optional.of("grpo/9"), 9).get(0);
      assertNull(failed.judged().reward());
      assertEquals("the server said \"no\"", failed.judged().failure());
      assertTrue(Double.isNaN(failed.judged().components().get(0).score()));
      assertArrayEquals(new float[] {0.5f}, failed.judged().modelScores());
      assertEquals(List.of(), archive.rows("grpo", 2, Optional.of("grpo/8"), 9));
      assertEquals(List.of(), archive.rows("grpo", 3, Optional.empty(), 9));
    }
  }

  @Test
  void anyDuckDbCanAskAcrossFilesAndStages() throws Exception {
    try (RolloutLog log = log()) {
      add(log, "dpo", 1);
      add(log, "grpo", 1);
      log.flush();
      add(log, "grpo", 2);
      log.flush();
    }

    assertEquals(List.of("dpo 1 1.0", "grpo 1 1.0", "grpo 2 1.0"), recorded());
    assertEquals(
        List.of(
            "dpo-00000001-00000001.parquet",
            "grpo-00000001-00000001.parquet",
            "grpo-00000002-00000002.parquet"),
        names());
  }

  @Test
  void aRunThatIsTakenUpAgainHasEveryStepOnce() throws Exception {
    try (RolloutLog log = log()) {
      for (long step = 1; step <= 4; step++) {
        add(log, "grpo", step);
        if (step % 2 == 0) {
          log.flush(); // a checkpoint after steps 2 and 4
        }
      }
      add(log, "grpo", 5); // killed before the next one
    }
    Files.writeString(run.resolve("rollouts/.grpo-00000005-00000006.parquet.writing"), "half");

    try (RolloutLog log = log()) {
      log.truncateAfter("grpo", 4);
      add(log, "grpo", 5);
      log.flush();
    }

    assertEquals(
        List.of("grpo 1 1.0", "grpo 2 1.0", "grpo 3 1.0", "grpo 4 1.0", "grpo 5 1.0"), recorded());
    assertFalse(names().stream().anyMatch(name -> name.endsWith(".writing")), names()::toString);
  }

  @Test
  void goesBackToACheckpointInTheMiddleOfAFile() throws Exception {
    try (RolloutLog log = log()) {
      for (long step = 1; step <= 4; step++) {
        add(log, "grpo", step);
      }
      log.flush();
      add(log, "other", 9);
      log.flush();

      log.truncateAfter("grpo", 3);
      add(log, "grpo", 4);
      log.flush();
    }

    assertEquals(
        List.of("grpo 1 1.0", "grpo 2 1.0", "grpo 3 1.0", "grpo 4 1.0", "other 9 1.0"), recorded());
  }

  @Test
  void forgetsWhatWasNotFlushedWhenTheStageIsOpenedAgain() throws Exception {
    try (RolloutLog log = log()) {
      add(log, "grpo", 1);
      log.truncateAfter("grpo", 0);
      add(log, "grpo", 1);
      log.flush();
    }

    assertEquals(List.of("grpo 1 1.0"), recorded());
  }

  @Test
  void anEvaluationReplacesAnEarlierOne() {
    try (RolloutLog log = log();
        RolloutArchive archive = RolloutArchive.open(run)) {
      log.evaluation("sft", () -> List.of(SampleRollouts.row("sft", 3, 1)));
      log.evaluation(
          "sft", () -> List.of(SampleRollouts.row("sft", 3, 1), SampleRollouts.row("sft", 3, 2)));

      assertEquals(2, archive.evaluation("sft", 9).size());
      assertEquals(List.of(), archive.evaluation("dpo", 9));
      assertEquals(List.of(), RolloutArchive.ranges(run), "an evaluation is no training step");
    }
  }

  @Test
  void removesTheOldestFilesWhenTheyTakeTooMuchSpace() throws Exception {
    try (RolloutLog log = log()) {
      add(log, "grpo", 1);
      log.flush();
      Path first = run.resolve("rollouts/grpo-00000001-00000001.parquet");
      Files.setLastModifiedTime(first, FileTime.fromMillis(0));
    }
    long bytes = Files.size(run.resolve("rollouts/grpo-00000001-00000001.parquet"));

    try (RolloutLog log = new RolloutLog(run, 2 * bytes + bytes / 2, FACTS)) {
      add(log, "grpo", 2);
      log.flush();
      assertEquals(2, names().size());
      add(log, "grpo", 3);
      log.flush();
    }

    assertEquals(List.of("grpo 2 1.0", "grpo 3 1.0"), recorded());
  }

  @Test
  void tellsWhoCallsNextThatADiskCannotBeWritten() throws Exception {
    Files.writeString(run.resolve("rollouts"), "a file where the directory should be");
    try (RolloutLog log = log()) {
      add(log, "grpo", 1);

      var thrown = assertThrows(RecordException.class, log::flush);

      assertTrue(thrown.getMessage().contains("grpo-00000001"), thrown.getMessage());
      assertThrows(RecordException.class, () -> add(log, "grpo", 2));
    }
  }
}
