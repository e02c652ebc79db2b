package dev.troupe.actors.page;

import dev.troupe.actors.supervisor.CompanyState;
import java.util.concurrent.CompletionStage;

/** Where the page learns what everybody is doing. */
@FunctionalInterface
public interface CompanySource {
  /** The present state; completes exceptionally when the company does not answer in time. */
  CompletionStage<CompanyState> ask();
}
