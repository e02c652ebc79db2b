package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.runtime.checkpoint.Checkpoint;
import dev.troupe.runtime.checkpoint.CheckpointStore;
import dev.troupe.runtime.settings.CheckpointSettings;
import dev.troupe.runtime.settings.CheckpointSettings.Goal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
  private static final String METRIC = "reward/mean";

  @TempDir private Path directory;

  private Retention retention(int keepEvery, Goal goal) {
    var settings = new CheckpointSettings(1, 1, keepEvery, Optional.of(METRIC), goal);
    return new Retention(new CheckpointStore(directory), directory, settings);
  }

  private void save(Retention retention, long step, double... values) {
    for (double value : values) {
      retention.add(Map.of(METRIC, value));
    }
    new CheckpointStore(directory)
        .write(
            step,
            aside -> {
              try {
                Files.writeString(aside.resolve("weights"), "of step " + step);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              retention.describe(step).accept(aside);
            });
    retention.prune();
  }

  private List<Long> left() {
    return new CheckpointStore(directory).list().stream().map(Checkpoint::step).toList();
  }

  @Test
  void theNewestTheBestAndEveryNthStay() {
    Retention retention = retention(4, Goal.MAX);

    save(retention, 2, 0.1, 0.3); // Mean 0.2.
    save(retention, 4, 0.1, 0.1);
    save(retention, 6, 0.9, 0.3); // Mean 0.6, the best.
    save(retention, 8, 0.5, 0.6); // Mean 0.55, though its last step is better than that of 6.
    save(retention, 10, 0.0);

    assertEquals(List.of(4L, 6L, 8L, 10L), left());
    assertEquals(Optional.of(directory.resolve("step-6")), Retention.best(directory));
  }

  @Test
  void theSmallestIsBestWherePeopleSaySoAndOfEqualsTheNewest() {
    Retention retention = retention(0, Goal.MIN);

    save(retention, 1, 2);
    save(retention, 2, 1);
    save(retention, 3, 1);
    save(retention, 4, 3);

    assertEquals(List.of(3L, 4L), left());
    assertEquals(Optional.of(directory.resolve("step-3")), Retention.best(directory));
  }

  @Test
  void whatEarlierStartsMeasuredStillCounts() {
    save(retention(0, Goal.MAX), 1, 0.9);

    Retention resumed = retention(0, Goal.MAX);
    save(resumed, 2, 0.1);
    save(resumed, 3, Double.NaN); // A step without the metric has no say.

    assertEquals(List.of(1L, 3L), left());
    assertEquals(Optional.of(directory.resolve("step-1")), Retention.best(directory));
  }
}
