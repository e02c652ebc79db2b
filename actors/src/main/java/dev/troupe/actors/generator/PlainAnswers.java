package dev.troupe.actors.generator;

import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.GenerationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A completion answers each prompt, and that is all. */
final class PlainAnswers {
  private PlainAnswers() {}

  /**
   * One group a ticket, in order.
   *
   * @param provenance where a completion comes from
   */
  static List<Group> of(
      PromptTokens prompts,
      Completer completer,
      WorkUnit unit,
      Function<Ticket, Example> examples,
      Function<Completion, Provenance> provenance) {
    var requests = new ArrayList<GenerationRequest>(unit.tickets().size());
    for (Ticket ticket : unit.tickets()) {
      int[] prompt = prompts.prompt(examples.apply(ticket));
      requests.add(new GenerationRequest(ticket.draw(), prompt, ticket.samples()));
    }
    List<List<Completion>> completions = completer.complete(requests, unit.sampling(), unit.seed());
    var groups = new ArrayList<Group>(requests.size());
    for (int i = 0; i < requests.size(); i++) {
      var rollouts = new ArrayList<Rollout>(completions.get(i).size());
      for (Completion completion : completions.get(i)) {
        rollouts.add(
            new Rollout(
                completion.sample(),
                completion.tokens(),
                completion.logps(),
                completion.finish(),
                prompts.text(completion, unit.sampling().stopStrings()),
                provenance.apply(completion)));
      }
      groups.add(new Group(unit.tickets().get(i), requests.get(i).promptTokens(), rollouts));
    }
    return groups;
  }
}
