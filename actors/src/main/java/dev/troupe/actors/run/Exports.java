package dev.troupe.actors.run;

import dev.troupe.actors.event.RunEvent;
import dev.troupe.actors.event.RunListener;
import dev.troupe.runtime.record.export.MetricsExport;
import dev.troupe.runtime.record.export.MlflowExport;
import dev.troupe.runtime.record.export.MlflowServer;
import dev.troupe.runtime.record.export.MlflowState;
import dev.troupe.runtime.record.export.WandbExport;
import dev.troupe.runtime.settings.RecordSettings;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Passes events on and gives the metrics in them to other programs, whose failures are warnings.
 */
final class Exports implements RunListener, AutoCloseable {
  private final RunListener listener;
  private final List<MetricsExport> exports;

  private Exports(RunListener listener, List<MetricsExport> exports) {
    this.listener = listener;
    this.exports = List.copyOf(exports);
  }

  /** Opens the exports that the settings ask for. */
  static Exports of(RunSettings settings, Path directory, Clock clock, RunListener listener) {
    RecordSettings wanted = settings.records();
    SortedMap<String, String> values = settings.resolved().values();
    var exports = new ArrayList<MetricsExport>();
    wanted
        .mlflow()
        .ifPresent(
            address ->
                exports.add(
                    new MlflowExport(
                        new MlflowServer(address, System.getenv()),
                        MlflowState.of(directory),
                        wanted.mlflowExperiment(),
                        settings.name(),
                        values,
                        clock)));
    if (wanted.isWandb()) {
      exports.add(new WandbExport(directory, settings.name(), values));
    }
    return new Exports(listener, exports);
  }

  @Override
  public void on(RunEvent event) {
    listener.on(event);
    for (MetricsExport export : exports) {
      if (event instanceof RunEvent.StageStarted stage) {
        stage.earlier().forEach(export::add); // What an earlier start could not send.
      } else if (event instanceof RunEvent.StepFinished step) {
        export.add(step.metrics());
      } else if (event instanceof RunEvent.RunFinished || event instanceof RunEvent.RunFailed) {
        export.end(event instanceof RunEvent.RunFinished);
      }
      export.complaints().forEach(it -> listener.on(new RunEvent.WarningRaised(it)));
    }
  }

  @Override
  public void close() {
    exports.forEach(MetricsExport::close);
  }
}
