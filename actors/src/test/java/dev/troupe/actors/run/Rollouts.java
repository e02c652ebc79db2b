package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutArchive.Range;
import dev.troupe.runtime.rollout.RolloutJson;
import dev.troupe.runtime.rollout.RolloutRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The recorded rollouts of a run, for comparison with another run. */
final class Rollouts {
  private Rollouts() {}

  /** Everything that is recorded but who did it and how often the run was started, in order. */
  static List<String> of(Path run) {
    var lines = new ArrayList<String>();
    Set<RolloutRow.Place> places = new HashSet<>();
    try (RolloutArchive archive = RolloutArchive.open(run)) {
      for (Range range : RolloutArchive.ranges(run)) {
        for (long step = range.first(); step <= range.last(); step++) {
          for (RolloutRow row :
              archive.rows(range.stage(), step, Optional.empty(), Integer.MAX_VALUE)) {
            places.add(row.place());
            ObjectNode line = RolloutJson.of(row);
            line.remove(List.of("generator", "unit"));
            ((ObjectNode) line.get("models")).remove("policy_epoch");
            lines.add(line.toString());
          }
        }
      }
    }
    assertEquals(places.size(), lines.size(), "a rollout is there twice");
    return lines;
  }
}
