package dev.troupe.actors.journal;

/**
 * Whose journal it is and how strictly it is read.
 *
 * @param id of the run, unique among all that share a database
 * @param epoch how many times the run was started before
 * @param settings digest of the settings that it computes with
 * @param checkpointsKept how many of the newest checkpoints of a stage stay
 * @param acceptsDifferences whether a step that is trained again may come to something else
 */
public record JournalTerms(
    String id, int epoch, String settings, int checkpointsKept, boolean acceptsDifferences) {}
