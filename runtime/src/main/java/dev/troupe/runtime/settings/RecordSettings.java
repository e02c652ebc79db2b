package dev.troupe.runtime.settings;

import java.net.URI;
import java.util.Optional;

/**
 * What a run writes down beside its metrics, and who else gets these.
 *
 * @param rolloutShare share of the tickets whose rollouts are written; 0 = none
 * @param rolloutMib disk space of the rollouts beyond which the oldest go, MiB; 0 = no bound
 * @param mlflow address of an MLflow tracking server, if there is one
 * @param mlflowExperiment name of the experiment there
 * @param isWandb whether files are written that Weights &amp; Biases can import
 */
public record RecordSettings(
    double rolloutShare,
    int rolloutMib,
    Optional<URI> mlflow,
    String mlflowExperiment,
    boolean isWandb) {

  static RecordSettings from(Checked c) {
    Checked rollouts = c.section("rollouts");
    Checked mlflow = c.section("mlflow");
    return new RecordSettings(
        rollouts.decimal("share", 0, 1),
        rollouts.integer("most-mib", 0, Integer.MAX_VALUE),
        mlflow.optional("uri", key -> mlflow.parsed(key, RecordSettings::address)),
        mlflow.text("experiment"),
        c.bool("wandb"));
  }

  private static URI address(String text) {
    if (!text.matches("https?://[^/]+.*")) {
      throw new IllegalArgumentException("it begins with http:// or https:// and names a host");
    }
    return URI.create(text);
  }
}
