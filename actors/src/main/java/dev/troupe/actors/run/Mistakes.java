package dev.troupe.actors.run;

import dev.troupe.actors.protocol.Failure;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.data.FileData;
import dev.troupe.runtime.data.TaskCatalog;
import dev.troupe.runtime.environment.EnvironmentCatalog;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.reward.RewardCatalog;
import dev.troupe.runtime.reward.WeightedReward;
import dev.troupe.runtime.settings.Draft;
import dev.troupe.runtime.settings.ModelSettings;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.SettingsException;
import dev.troupe.runtime.settings.TokenizerSettings;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Gathers what a person can have got wrong in a recipe and in what it names, so that it is told at
 * once: a mistake in one part does not hide those in the others. It looks only where something was
 * found wrong already, so what is right is not read twice.
 */
public final class Mistakes {
  private final Set<String> sentences = new LinkedHashSet<>();
  private final RewardCatalog catalog;

  private Mistakes(RewardCatalog catalog) {
    this.catalog = catalog;
  }

  /** That a text cannot be counted, because its tokenizer is not known. */
  private static final class UncountedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Loads a recipe as {@link Recipe#load(Path, List)} does; if it has mistakes, what its sound
   * parts name is looked at too: models, tokenizer, data, environment and rewards.
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
      var mistakes = new Mistakes(RewardCatalog.standard());
      mistakes.note(e);
      mistakes.look(e.draft().get());
      throw mistakes.all();
    }
  }

  /**
   * Makes something that a recipe without mistakes needs; if what the recipe names keeps it from
   * being made, all else that it names is looked at too.
   *
   * @param catalog the rewards that may be named
   * @throws RuntimeException with sentences for people if anything is wrong
   */
  static <T> T gathered(RunSettings settings, RewardCatalog catalog, Supplier<T> making) {
    try {
      return making.get();
    } catch (RuntimeException e) {
      if (!Failure.isUsage(e)) {
        throw e;
      }
      var mistakes = new Mistakes(catalog);
      mistakes.note(e);
      mistakes.look(Draft.of(settings));
      if (mistakes.sentences.size() == 1) {
        throw e;
      }
      throw mistakes.all();
    }
  }

  private void look(Draft draft) {
    Optional<Tokenizer> tokenizer = models(draft);
    try {
      data(draft, tokenizer);
    } finally {
      tokenizer.ifPresent(Tokenizer::close);
    }
    draft
        .environment()
        .ifPresent(environment -> attempt(() -> EnvironmentCatalog.standard().create(environment)));
    draft
        .rewards()
        .forEach(
            (key, rewards) -> attempt(() -> WeightedReward.from(key, rewards, catalog).close()));
    draft
        .device()
        .filter(device -> !device.equals("cpu"))
        .ifPresent(device -> attempt(() -> Accelerator.of(device, draft.threads()).close()));
  }

  /** Looks at the model and its tokenizer, which is given back if it can be used. */
  private Optional<Tokenizer> models(Draft draft) {
    if (draft.model().orElse(null) instanceof ModelSettings.Pretrained model) {
      attempt(() -> HuggingFaceDirectory.load(model.path()));
    }
    Optional<TokenizerSettings> wanted =
        draft
            .tokenizer()
            .filter(it -> it.kind() != TokenizerSettings.Kind.MODEL || draft.model().isPresent());
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(RunMaterials.tokenizer(draft.model().orElse(null), wanted.get()));
    } catch (RuntimeException e) {
      note(e);
      return Optional.empty();
    }
  }

  private void data(Draft draft, Optional<Tokenizer> tokenizer) {
    ToIntFunction<String> tokens =
        text -> tokenizer.orElseThrow(UncountedException::new).encode(text).length;
    draft
        .task()
        .ifPresent(task -> attempt(() -> TaskCatalog.standard().create(task, draft.seed())));
    draft.data().ifPresent(data -> attempt(() -> FileData.task(data, tokens)));
    draft.stageData().forEach((key, data) -> attempt(() -> FileData.stage(data, key, tokens)));
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

  private SettingsException all() {
    return new SettingsException(List.copyOf(sentences));
  }
}
