package dev.troupe.actors.run;

import dev.troupe.runtime.record.Html;
import dev.troupe.runtime.record.RecordException;
import dev.troupe.runtime.record.RunSummary;
import dev.troupe.runtime.rollout.RolloutArchive;
import dev.troupe.runtime.rollout.RolloutPicture;
import dev.troupe.runtime.rollout.RolloutRow;
import dev.troupe.runtime.settings.PolicyGradientStage;
import dev.troupe.runtime.settings.ReferenceUpdate;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SoupStage;
import dev.troupe.runtime.settings.StageSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * What the report shows beside the metrics: tokens of the last step, and which weights were mixed.
 */
final class ReportSections {
  private static final int COMPLETIONS = 8;

  private ReportSections() {}

  static List<RunSummary.Section> of(RunSettings settings, Path run) {
    var sections = new ArrayList<RunSummary.Section>();
    tokens(run).ifPresent(sections::add);
    soups(settings).ifPresent(sections::add);
    return sections;
  }

  /**
   * The first prompt of the last recorded step whose method tells what tokens were trained with.
   */
  private static Optional<RunSummary.Section> tokens(Path run) {
    List<RolloutArchive.Range> ranges = RolloutArchive.ranges(run);
    if (ranges.isEmpty()) {
      return Optional.empty();
    }
    String stage =
        RolloutArchive.newest(run, ranges.stream().map(RolloutArchive.Range::stage).toList());
    long step =
        ranges.stream()
            .filter(range -> range.stage().equals(stage))
            .mapToLong(RolloutArchive.Range::last)
            .max()
            .orElseThrow();
    try (RolloutArchive archive = RolloutArchive.open(run)) {
      RolloutArchive.Overview overview = archive.overview(stage, step);
      if (overview.advantages().isEmpty()) {
        return Optional.empty();
      }
      List<RolloutRow> rows =
          archive.rows(stage, step, Optional.of(overview.tickets().get(0).name()), COMPLETIONS);
      return Optional.of(new RunSummary.Section("Tokens", RolloutPicture.html(rows)));
    } catch (RecordException e) {
      // The report is not worth the run.
      LoggerFactory.getLogger(ReportSections.class).warn("the report shows no tokens", e);
      return Optional.empty();
    }
  }

  private static Optional<RunSummary.Section> soups(RunSettings settings) {
    var page = new StringBuilder();
    for (StageSettings stage : settings.stages()) {
      if (stage instanceof SoupStage soup) {
        page.append("<h3>%s</h3><ul>".formatted(Html.escape(soup.name())));
        for (int i = 0; i < soup.of().size(); i++) {
          page.append(
              String.format(
                  Locale.ROOT,
                  "<li>%.4g%% last checkpoint of %s</li>",
                  100 * soup.weights().get(i),
                  Html.escape(soup.of().get(i))));
        }
        page.append("</ul>\n");
      } else if (stage instanceof PolicyGradientStage trained
          && trained.referenceUpdate().kind() != ReferenceUpdate.Kind.FIXED) {
        ReferenceUpdate update = trained.referenceUpdate();
        page.append(
            String.format(
                Locale.ROOT,
                "<h3>%s</h3><p>The reference follows the policy (%s): every %d steps it takes in %.4g%% of it.</p>%n",
                Html.escape(trained.name()),
                update.kind().name().toLowerCase(Locale.ROOT),
                update.every(),
                100 * update.rate()));
      }
    }
    return page.length() == 0
        ? Optional.empty()
        : Optional.of(new RunSummary.Section("Soups", page.toString()));
  }
}
