package dev.troupe.runtime.settings;

import dev.troupe.runtime.http.CallSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A server that samples in place of the generators' own engine.
 *
 * @param server which kind it is
 * @param call how it is called
 * @param share directory that this program and the server see under the same path
 * @param model what the server calls the weights that it was started with
 * @param parallel requests at a time
 * @param tolerance how far its log-probabilities may be from those of the learner, nats
 */
public record GenerationSettings(
    Server server, CallSettings call, Path share, String model, int parallel, double tolerance) {

  /** Kinds of servers. */
  public enum Server {
    /** Takes adapters. */
    VLLM,
    /** Takes whole checkpoints. */
    SGLANG
  }

  /** Where sampling is done. */
  private enum Backend {
    LOCAL,
    VLLM,
    SGLANG
  }

  /** The settings of a server; empty for none. */
  static Optional<GenerationSettings> from(Checked c) {
    Backend backend = c.choice("backend", Backend.class);
    if (!c.isSound("backend") || backend == Backend.LOCAL) {
      c.ignoreRest();
      return Optional.empty();
    }
    return Optional.of(
        new GenerationSettings(
            Server.valueOf(backend.name()),
            CallSettings.read(c),
            c.path("share"),
            c.text("model"),
            c.integer("parallel", 1, 10_000),
            c.decimal("tolerance", 0, 10)));
  }
}
