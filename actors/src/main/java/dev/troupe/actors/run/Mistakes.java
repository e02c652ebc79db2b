package dev.troupe.actors.run;

import dev.troupe.actors.protocol.Failure;
import dev.troupe.runtime.data.FileData;
import dev.troupe.runtime.data.TaskCatalog;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.WeightedReward;
import dev.troupe.runtime.settings.Draft;
import dev.troupe.runtime.settings.JudgedStage;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SettingsException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Gathers what a person can have got wrong in a recipe and in what it names, so that it is told at
 * once: a mistake in one part does not hide those in the others.
 */
public final class Mistakes {
  private final Set<String> sentences = new LinkedHashSet<>();

  private Mistakes() {}

  /** That a text cannot be counted, because its tokenizer is not known. */
  private static final class UncountedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Loads a recipe as {@link Recipe#load(Path, List)} does; if it has mistakes, its task or data
   * and its rewards are looked at too.
   *
   * @throws SettingsException naming every mistake
   */
  public static RunSettings load(Path file, List<String> overrides) {
    try {
      return Recipe.load(file, overrides);
    } catch (SettingsException e) {
      if (e.draft().isEmpty()) {
        throw e;
      }
      var mistakes = new Mistakes();
      mistakes.sentences.addAll(e.problems());
      mistakes.look(e.draft().get());
      throw new SettingsException(List.copyOf(mistakes.sentences));
    }
  }

  private void look(Draft draft) {
    draft
        .task()
        .ifPresent(task -> attempt(() -> TaskCatalog.standard().create(task, draft.seed())));
    draft
        .data()
        .ifPresent(
            data ->
                attempt(
                    () ->
                        FileData.task(
                            data,
                            text -> {
                              throw new UncountedException();
                            })));
    if (!draft.reward().isEmpty()) {
      attempt(() -> WeightedReward.from("reward", draft.reward(), RewardCatalog.standard()));
    }
  }

  /**
   * What a run works on; if that has mistakes, its rewards are looked at too.
   *
   * @throws RuntimeException with sentences for people if anything is wrong
   */
  static RunMaterials materials(RunSettings settings) {
    try {
      return RunMaterials.of(settings);
    } catch (RuntimeException e) {
      if (!Failure.isUsage(e)) {
        throw e;
      }
      var mistakes = new Mistakes();
      mistakes.note(e);
      mistakes.lookAtRewards(settings);
      if (mistakes.sentences.size() == 1) {
        throw e;
      }
      throw new SettingsException(List.copyOf(mistakes.sentences));
    }
  }

  private void lookAtRewards(RunSettings settings) {
    if (!settings.reward().isEmpty()) {
      attempt(() -> WeightedReward.from("reward", settings.reward(), RewardCatalog.standard()));
    }
    settings.stages().stream()
        .filter(JudgedStage.class::isInstance)
        .map(JudgedStage.class::cast)
        .filter(stage -> !stage.judge().isEmpty())
        .forEach(
            stage ->
                attempt(
                    () ->
                        WeightedReward.from(
                            "stages." + stage.name() + "." + stage.judgeKey(),
                            stage.judge(),
                            RewardCatalog.standard())));
  }

  private void attempt(Runnable making) {
    try {
      making.run();
    } catch (UncountedException e) {
      return; // Lengths are counted once the tokenizer is known.
    } catch (RuntimeException e) {
      note(e);
    }
  }

  private void note(RuntimeException e) {
    if (e instanceof SettingsException settings) {
      sentences.addAll(settings.problems());
    } else {
      sentences.add(Failure.sentence(e).replace("\n", "\n  "));
    }
  }
}
