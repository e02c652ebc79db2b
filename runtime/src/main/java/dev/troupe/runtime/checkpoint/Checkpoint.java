package dev.troupe.runtime.checkpoint;

import java.nio.file.Path;

/**
 * A complete checkpoint of one stage.
 *
 * @param step the learner's step after which it was written
 * @param directory where its files are
 */
public record Checkpoint(long step, Path directory) {}
