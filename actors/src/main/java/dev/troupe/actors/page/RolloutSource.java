package dev.troupe.actors.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutJson;
import dev.troupe.runtime.rollout.RolloutRow;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The recorded rollouts of a run, as the page asks for them: a step in numbers and one of its
 * prompts with every token. Any thread may ask; one is answered at a time.
 */
final class RolloutSource implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  /** Completions of a prompt that a person may want to look at. */
  private static final int MOST_ROLLOUTS = 64;

  private final Path run;
  private RolloutArchive archive;

  RolloutSource(Path run) {
    this.run = run;
  }

  /** Which steps there are, the stage that was written last at the end. */
  JsonNode ranges() {
    List<RolloutArchive.Range> ranges = RolloutArchive.ranges(run);
    ArrayNode all = JSON.createArrayNode();
    if (ranges.isEmpty()) {
      return all;
    }
    String newest =
        RolloutArchive.newest(run, ranges.stream().map(RolloutArchive.Range::stage).toList());
    for (boolean isNewest : new boolean[] {false, true}) {
      for (RolloutArchive.Range range : ranges) {
        if (range.stage().equals(newest) == isNewest) {
          all.addObject()
              .put("stage", range.stage())
              .put("first", range.first())
              .put("last", range.last());
        }
      }
    }
    return all;
  }

  /**
   * A step.
   *
   * @param ticket whose completions are wanted; those of its first one if empty
   * @return empty if it is not recorded
   */
  synchronized Optional<JsonNode> step(String stage, long step, Optional<String> ticket) {
    if (archive == null) {
      archive = RolloutArchive.open(run);
    }
    RolloutArchive.Overview overview = archive.overview(stage, step);
    if (overview.tickets().isEmpty()) {
      return Optional.empty();
    }
    String chosen = ticket.orElse(overview.tickets().get(0).name());
    List<RolloutRow> rows = archive.rows(stage, step, Optional.of(chosen), MOST_ROLLOUTS);
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode out = JSON.createObjectNode();
    RolloutArchive.Size size = archive.size(stage, step);
    out.put("stage", stage);
    out.put("step", step);
    out.put("ticket", chosen);
    out.put("recorded_rollouts", size.rollouts());
    out.put("recorded_tokens", size.tokens());
    ArrayNode tickets = out.putArray("tickets");
    for (RolloutArchive.Ticket one : overview.tickets()) {
      ObjectNode entry = tickets.addObject().put("ticket", one.name()).put("prompt", one.prompt());
      if (one.reward() != null) {
        entry.put("reward", one.reward());
      }
    }
    ArrayNode advantages = out.putArray("advantages");
    overview.advantages().forEach(advantages::add);
    ArrayNode rollouts = out.putArray("rollouts");
    rows.forEach(row -> rollouts.add(RolloutJson.of(row)));
    return Optional.of(out);
  }

  @Override
  public synchronized void close() {
    if (archive != null) {
      archive.close();
      archive = null;
    }
  }
}
