package dev.troupe.actors.generator;

import dev.troupe.actors.protocol.Given;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Interplay;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.actors.stage.Dialogue;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.environment.Environment;
import dev.troupe.runtime.environment.Environment.Step;
import dev.troupe.runtime.environment.Episodes;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.CounterRandom;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.reward.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Plays the episodes of a work unit side by side: all that go on speak in one batch, all
 * environments answer at the same time, and so forth.
 *
 * <p>What an episode becomes depends on seed, ticket and sample alone, as long as its environment
 * heeds its contract: random numbers are counted on over the turns, and who else is still playing
 * shows in no token.
 */
final class EpisodePlay {
  /** A stream of random numbers that no sample draws from. */
  private static final int WORLD_STREAM = Integer.MAX_VALUE;

  private final PromptTokens prompts;
  private final Episodes episodes;
  private final Completer completer;
  private final WorkUnit unit;

  EpisodePlay(PromptTokens prompts, Episodes episodes, Completer completer, WorkUnit unit) {
    this.prompts = prompts;
    this.episodes = episodes;
    this.completer = completer;
    this.unit = unit;
  }

  /** Plays all episodes to their ends; one group a ticket, in order. */
  List<Group> play(Function<Ticket, Example> examples, Provenance provenance) {
    var scenes = new ArrayList<Scene>();
    for (Ticket ticket : unit.tickets()) {
      for (int sample = 0; sample < ticket.samples(); sample++) {
        scenes.add(new Scene(ticket, sample, examples.apply(ticket)));
      }
    }
    try {
      begin(scenes);
      try {
        for (List<Scene> open = open(scenes); !open.isEmpty(); open = open(scenes)) {
          speak(open);
          answer(open);
        }
      } finally {
        episodes.close(
            scenes.stream().map(scene -> scene.environment).filter(it -> it != null).toList());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while episodes were played", e);
    }
    return groups(scenes, provenance);
  }

  private static List<Scene> open(List<Scene> scenes) {
    return scenes.stream().filter(scene -> scene.isOpen).toList();
  }

  private void begin(List<Scene> scenes) throws InterruptedException {
    var starts = new ArrayList<Episodes.Start>(scenes.size());
    for (Scene scene : scenes) {
      // All samples of a prompt meet the same world, or their rewards could not be compared.
      long seed = CounterRandom.stream(unit.seed(), scene.ticket.draw(), WORLD_STREAM);
      starts.add(new Episodes.Start(scene.example, seed));
    }
    List<Episodes.Answer<Environment>> begun = episodes.begin(starts);
    for (int i = 0; i < begun.size(); i++) {
      Scene scene = scenes.get(i);
      begun.get(i).failure().ifPresent(scene::fail);
      scene.environment = begun.get(i).value();
    }
  }

  /** Every open episode has its turn. */
  private void speak(List<Scene> open) {
    List<Completion> completions =
        completer.complete(requests(open), unit.sampling(), unit.seed()).stream()
            .flatMap(List::stream)
            .toList();
    for (int i = 0; i < open.size(); i++) {
      open.get(i).said(completions.get(i));
    }
  }

  /** In the order of the scenes. The samples of a ticket share its prompt in the first turn. */
  private static List<GenerationRequest> requests(List<Scene> open) {
    var requests = new ArrayList<GenerationRequest>();
    for (int i = 0; i < open.size(); ) {
      Scene scene = open.get(i);
      int last = i + scene.ticket.samples() - 1;
      boolean isWhole =
          scene.sampled == 0
              && scene.sample == 0
              && last < open.size()
              && open.get(last).ticket.equals(scene.ticket);
      if (isWhole) {
        requests.add(
            new GenerationRequest(scene.ticket.draw(), scene.prompt, scene.ticket.samples()));
        i = last + 1;
      } else {
        requests.add(
            GenerationRequest.next(
                scene.ticket.draw(), scene.sample, scene.dialogue.tokens(), scene.sampled));
        i++;
      }
    }
    return requests;
  }

  private void answer(List<Scene> open) throws InterruptedException {
    List<Episodes.Answer<Step>> answers =
        episodes.step(
            open.stream().map(scene -> scene.environment).toList(),
            open.stream().map(scene -> scene.text).toList());
    for (int i = 0; i < open.size(); i++) {
      Scene scene = open.get(i);
      answers.get(i).failure().ifPresentOrElse(scene::fail, heard(scene, answers.get(i).value()));
    }
  }

  private static Runnable heard(Scene scene, Step step) {
    return () -> scene.heard(step);
  }

  private List<Group> groups(List<Scene> scenes, Provenance provenance) {
    var groups = new ArrayList<Group>();
    int next = 0;
    for (Ticket ticket : unit.tickets()) {
      List<Scene> own = scenes.subList(next, next + ticket.samples());
      next += ticket.samples();
      groups.add(
          new Group(
              ticket,
              own.get(0).prompt,
              own.stream().map(scene -> scene.rollout(provenance)).toList()));
    }
    return groups;
  }

  /** One episode under way. */
  private final class Scene {
    final Ticket ticket;
    final int sample;
    final Example example;
    final Dialogue dialogue;
    final int[] prompt;
    private final List<int[]> turns = new ArrayList<>();
    private final List<float[]> logps = new ArrayList<>();
    private final List<Given> given = new ArrayList<>();
    private final StringBuilder transcript = new StringBuilder();
    Environment environment;
    boolean isOpen = true;
    int sampled;
    String text = "";
    private FinishReason finish = FinishReason.LENGTH;
    private double earned;
    private Optional<String> failure = Optional.empty();

    Scene(Ticket ticket, int sample, Example example) {
      this.ticket = ticket;
      this.sample = sample;
      this.example = example;
      this.dialogue = new Dialogue(prompts, episodes.world().role(), example);
      this.prompt = dialogue.tokens();
    }

    void fail(String reason) {
      failure = Optional.of(reason);
      isOpen = false;
    }

    void said(Completion completion) {
      text = prompts.text(completion, unit.sampling().stopStrings());
      finish = completion.finish();
      turns.add(completion.tokens());
      logps.add(completion.logps());
      sampled += completion.tokens().length;
      dialogue.say(text, completion.tokens(), finish == FinishReason.STOP_TOKEN);
      transcript.append(text);
    }

    void heard(Step step) {
      earned += step.reward();
      isOpen = !step.isDone() && turns.size() < episodes.world().maxTurns();
      if (!isOpen) {
        return;
      }
      int[] heard = dialogue.hear(step.observation());
      transcript.append("\n[").append(step.observation()).append("]\n");
      if (dialogue.length() >= prompts.config().context()) {
        finish = FinishReason.LENGTH; // No room is left to say anything.
        isOpen = false;
      } else if (heard.length > 0) {
        given.add(new Given(sampled, false, heard));
      }
    }

    Rollout rollout(Provenance provenance) {
      int[] tokens = new int[sampled];
      float[] behaviour = new float[sampled];
      int next = 0;
      for (int i = 0; i < turns.size(); i++) {
        int length = turns.get(i).length;
        System.arraycopy(turns.get(i), 0, tokens, next, length);
        System.arraycopy(logps.get(i), 0, behaviour, next, length);
        next += length;
      }
      Outcome outcome =
          failure
              .<Outcome>map(reason -> new Outcome.Failed("example " + example.id() + ": " + reason))
              .orElseGet(() -> new Outcome.Scored(earned, Map.of()));
      return new Rollout(
          sample,
          tokens,
          behaviour,
          finish,
          text,
          provenance,
          new Interplay(given, turns.size(), transcript.toString(), Optional.of(outcome)));
    }
  }
}
