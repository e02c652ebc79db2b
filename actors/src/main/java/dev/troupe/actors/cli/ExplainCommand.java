package dev.troupe.actors.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutArchive.Range;
import dev.troupe.runtime.rollout.RolloutJson;
import dev.troupe.runtime.rollout.RolloutRow;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SftStage;
import dev.troupe.runtime.settings.SoupStage;
import dev.troupe.runtime.settings.StageSettings;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Tells what a training step was made of: its prompts, completions and tokens, which",
      "weights sampled them, which rewards judged them, and what each token was trained with.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe explain runs/quickstart 80",
      "  troupe explain runs/quickstart 40 --stage dpo",
      "  troupe explain runs/quickstart 80 --ticket grpo/2528",
      "  troupe explain runs/quickstart 80 --json > step-80.json"
    })
final class ExplainCommand implements Callable<Integer> {
  private static final int SHOWN = 16;

  @Parameters(index = "0", paramLabel = "DIR", description = "The directory of a run.")
  private Path directory;

  @Parameters(
      index = "1",
      paramLabel = "STEP",
      description = "A step as metrics.jsonl counts them, from 1.")
  private long step;

  @Option(
      names = "--stage",
      paramLabel = "NAME",
      description = "The stage of the step (default: the last stage that has such a step).")
  private String stage;

  @Option(
      names = "--ticket",
      paramLabel = "TICKET",
      description = "Show the completions of one prompt token by token.")
  private String ticket;

  @Option(
      names = "--rollouts",
      paramLabel = "N",
      description = "Completions to show (default: 16, with --ticket or --json all).")
  private Integer most;

  @Option(names = "--json", description = "Write one JSON object with everything.")
  private boolean isJson;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws JsonProcessingException {
    if (!Files.isRegularFile(directory.resolve("run.conf"))) {
      throw new RunException(
          "%s is not a run directory: it has no run.conf; name what a run wrote, such as runs/quickstart."
              .formatted(directory));
    }
    String subject = subject(RolloutArchive.ranges(directory));
    try (RolloutArchive archive = RolloutArchive.open(directory)) {
      int limit = most != null ? most : isJson || ticket != null ? Integer.MAX_VALUE : SHOWN;
      List<RolloutRow> rows =
          archive.rows(subject, step, Optional.ofNullable(ticket), Math.max(1, limit));
      if (rows.isEmpty()) {
        throw new RunException(
            ticket == null
                ? "Step %d of stage %s has no recorded rollouts.".formatted(step, subject)
                : "Step %d of stage %s has no recorded ticket %s; see its tickets with: troupe explain %s %d --stage %s"
                    .formatted(step, subject, ticket, directory, step, subject));
      }
      PrintWriter out = spec.commandLine().getOut();
      RolloutArchive.Size size = archive.size(subject, step);
      Path file = archive.file(subject, step).orElseThrow();
      if (isJson) {
        out.println(json(subject, size, file, rows));
      } else {
        new Explanation(out)
            .tell(subject, step, size, directory.relativize(file), rows, ticket != null);
      }
      out.flush();
    }
    return 0;
  }

  /** The stage that is meant: the named one, or the last one that has the step. */
  private String subject(List<Range> ranges) {
    if (stage != null && ranges.stream().noneMatch(range -> range.stage().equals(stage))) {
      refuseWhatSamplesNothing();
    }
    if (ranges.isEmpty()) {
      throw new RunException(
          "%s has no recorded rollouts: no step with samples is on the disk yet, or records.rollouts.share is 0."
              .formatted(directory));
    }
    List<Range> holding =
        ranges.stream()
            .filter(range -> range.first() <= step && step <= range.last())
            .filter(range -> stage == null || range.stage().equals(stage))
            .toList();
    if (holding.isEmpty()) {
      throw new RunException(
          "Step %d%s is not recorded; there are %s."
              .formatted(
                  step,
                  stage == null ? "" : " of stage " + stage,
                  ranges.stream()
                      .map(it -> "%s %d to %d".formatted(it.stage(), it.first(), it.last()))
                      .collect(Collectors.joining(", "))));
    }
    return holding.size() == 1 ? holding.get(0).stage() : latest(holding);
  }

  /** A stage that reads all it learns from has no completions, however long one waits. */
  private void refuseWhatSamplesNothing() {
    RunSettings settings = Recipe.load(directory.resolve("run.conf"));
    Optional<StageSettings> named =
        settings.stages().stream().filter(it -> it.name().equals(stage)).findFirst();
    if (named.isEmpty()) {
      throw new RunException(
          "The run has no stage %s; it has %s."
              .formatted(
                  stage,
                  settings.stages().stream()
                      .map(StageSettings::name)
                      .collect(Collectors.joining(", "))));
    }
    boolean readsData =
        settings.stageData().containsKey(stage)
            && settings.stageData().get(stage).use().hasCompletions();
    if (readsData || named.get() instanceof SftStage || named.get() instanceof SoupStage) {
      throw new RunException(
          "Stage %s of kind %s samples nothing: %s."
              .formatted(
                  stage,
                  named.get().kind(),
                  named.get() instanceof SoupStage
                      ? "it averages weights"
                      : "it learns from the answers that its data holds"));
    }
  }

  /** The file that was written last belongs to the stage that ran last. */
  private String latest(List<Range> holding) {
    return RolloutArchive.newest(directory, holding.stream().map(Range::stage).toList());
  }

  private static String json(
      String stage, RolloutArchive.Size size, Path file, List<RolloutRow> rows)
      throws JsonProcessingException {
    var mapper = new ObjectMapper();
    ObjectNode out = mapper.createObjectNode();
    out.put("stage", stage);
    out.put("step", rows.get(0).place().step());
    out.put("file", file.toString());
    out.put("recorded_rollouts", size.rollouts());
    out.put("recorded_tokens", size.tokens());
    out.put("recorded_tickets", size.tickets());
    ArrayNode list = out.putArray("rollouts");
    rows.forEach(row -> list.add(RolloutJson.of(row)));
    return mapper.writeValueAsString(out);
  }
}
