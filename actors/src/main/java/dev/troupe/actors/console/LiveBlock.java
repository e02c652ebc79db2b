package dev.troupe.actors.console;

import dev.troupe.actors.console.StyledLine.Ink;
import dev.troupe.runtime.record.ReadableNumbers;
import dev.troupe.runtime.record.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Renders the few lines about the stage in progress that are drawn again and again. */
final class LiveBlock {
  private static final int INDENT = 2;
  private static final int WIDEST_BAR = 40;
  private static final int NARROWEST_BAR = 8;
  private static final int WIDEST_CURVE = 60;

  private LiveBlock() {}

  /** The lines, each ended by a newline and none wider than the columns given. */
  static String render(ViewState state, int columns, Style style) {
    List<StyledLine> lines = new ArrayList<>();
    if (state.isIdle()) {
      if (!state.activity().isEmpty()) {
        lines.add(activity(state, style));
      }
    } else {
      lines.add(progress(state, columns, style));
      lines.add(curve(state, columns, style));
      state.latest().ifPresent(step -> lines.add(measures(state, step, columns, style)));
      lines.add(times(state, style));
    }
    return lines.stream()
        .map(line -> line.encode(columns, style) + "\n")
        .collect(Collectors.joining());
  }

  private static StyledLine activity(ViewState state, Style style) {
    return new StyledLine()
        .add(" ".repeat(INDENT) + state.activity() + style.glyphs().ellipsis(), Ink.QUIET)
        .add(" " + ReadableNumbers.duration(state.sinceLatestSeconds()), Ink.QUIET);
  }

  private static StyledLine progress(ViewState state, int columns, Style style) {
    double share = state.totalSteps() == 0 ? 0 : (double) state.step() / state.totalSteps();
    String count =
        "  step %d/%d  %3d%%".formatted(state.step(), state.totalSteps(), (int) (100 * share));
    var line = new StyledLine().add(" ".repeat(INDENT)).add(state.stage(), Ink.BOLD);
    int room = columns - line.width() - 2 - count.length();
    if (room >= NARROWEST_BAR) {
      int bar = Math.min(WIDEST_BAR, room);
      int done = (int) (share * bar);
      line.add("  ")
          .add(style.glyphs().barDone().repeat(done), Ink.GOOD)
          .add(style.glyphs().barLeft().repeat(bar - done), Ink.QUIET);
    }
    return line.add(count);
  }

  private static StyledLine curve(ViewState state, int columns, Style style) {
    var line = new StyledLine().add(" ".repeat(INDENT) + state.keyMetric().label() + " ");
    if (state.latest().isEmpty()) {
      return line.add("after the first step", Ink.QUIET);
    }
    OptionalDouble value = state.latest().get().value(state.keyMetric());
    line.add(value.isPresent() ? ReadableNumbers.number(value.getAsDouble()) : "-", Ink.BOLD)
        .add("  ");
    int room = Math.min(WIDEST_CURVE, columns - line.width());
    return line.add(Sparkline.draw(state.history(), room, style.glyphs().levels()), Ink.CURVE);
  }

  private static StyledLine measures(ViewState state, StepMetrics step, int columns, Style style) {
    List<String> parts = Measures.of(step, state.keyMetric());
    return joined(parts, columns, style);
  }

  /** As many parts as fit: a whole number fewer is better than a number cut in two. */
  private static StyledLine joined(List<String> parts, int columns, Style style) {
    var line = new StyledLine().add(" ".repeat(INDENT));
    String between = " " + style.glyphs().dot() + " ";
    for (int i = 0; i < parts.size(); i++) {
      String next = (i == 0 ? "" : between) + parts.get(i);
      if (line.width() + StyledLine.width(next) > columns) {
        break;
      }
      line.add(next);
    }
    return line;
  }

  private static StyledLine times(ViewState state, Style style) {
    String dot = " " + style.glyphs().dot() + " ";
    var line =
        new StyledLine()
            .add(" ".repeat(INDENT))
            .add(ReadableNumbers.duration(state.elapsedSeconds()) + " elapsed", Ink.QUIET);
    OptionalDouble left = state.remainingSeconds();
    if (left.isPresent()) {
      line.add(dot + "about " + ReadableNumbers.duration(left.getAsDouble()) + " left", Ink.QUIET);
    }
    if (!state.activity().isEmpty()) {
      line.add(dot + state.activity(), Ink.QUIET);
    }
    return line;
  }
}
