/**
 * The live page of a run: a small HTTP server for the eyes of one person on the same machine.
 *
 * <p>Whatever was recorded is read from the run directory, so the page of a run in progress and of
 * an old one are the same thing; {@link dev.troupe.actors.page.RunWatch} follows the directory and
 * counts changes. Only what everybody is doing at this moment comes from the company itself,
 * through {@link dev.troupe.actors.page.CompanySource}. The browser is told over one event stream
 * which part changed and fetches what it lacks, steps from where it stopped. Nothing here writes.
 */
package dev.troupe.actors.page;
