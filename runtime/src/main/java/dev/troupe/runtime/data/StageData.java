package dev.troupe.runtime.data;

import java.util.Optional;

/**
 * What one stage reads in place of the run's data: prompts, or prompts with completions.
 *
 * @param prompts what it trains on, if it samples completions or learns answers; empty otherwise
 * @param comparisons what it trains on otherwise; none with prompts
 * @param heldOut rows that are kept from training, of the same kind; none with prompts
 * @param mostCandidates completions of the longest row; 0 with prompts
 */
public record StageData(
    Optional<PromptSource> prompts,
    Rows<Comparison> comparisons,
    Rows<Comparison> heldOut,
    int mostCandidates) {}
