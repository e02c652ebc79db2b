package dev.troupe.actors.run;

import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.data.Comparison;
import dev.troupe.runtime.data.DataException;
import dev.troupe.runtime.data.FileData;
import dev.troupe.runtime.data.PromptSource;
import dev.troupe.runtime.data.StageData;
import dev.troupe.runtime.data.TaskCatalog;
import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.environment.EnvironmentCatalog;
import dev.troupe.runtime.environment.Episodes;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.settings.ModelSettings;
import dev.troupe.runtime.settings.PreferenceStage;
import dev.troupe.runtime.settings.RewardModelStage;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.StageSettings;
import dev.troupe.runtime.settings.TokenizerSettings;
import dev.troupe.runtime.tokenizer.ByteTokenizer;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.tokenizer.ChatTemplate;
import dev.troupe.runtime.tokenizer.ChatTokenizer;
import dev.troupe.runtime.tokenizer.HuggingFaceTokenizers;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * What a run works on: examples, tokenizer and the shape of its model. Making it checks that they
 * fit together, before anything is started.
 *
 * @param data the task's examples
 * @param prompts how they become tokens
 */
record RunMaterials(TaskData data, PromptTokens prompts) implements AutoCloseable {
  private static final int ROWS_READ = 1000;

  static RunMaterials of(RunSettings settings) {
    Tokenizer tokenizer = tokenizer(settings.model(), settings.tokenizer());
    try {
      TaskData data = data(settings, text -> tokenizer.encode(text).length);
      DecoderConfig config = config(settings.model(), tokenizer);
      HuggingFaceDirectory.requireVocabulary(tokenizer.vocabSize(), config);
      var prompts = new PromptTokens(tokenizer, config);
      data.stages().values().forEach(stage -> requireFit(stage, prompts));
      return new RunMaterials(data, new PromptTokens(tokenizer, config, episodes(settings)));
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** Where the episodes of a run are played, if it has an environment; the caller closes it. */
  static Optional<Episodes> episodes(RunSettings settings) {
    return settings.environment().map(EnvironmentCatalog.standard()::create).map(Episodes::new);
  }

  private static TaskData data(RunSettings settings, ToIntFunction<String> tokens) {
    TaskData data =
        settings.data().isPresent()
            ? FileData.task(settings.data().get(), tokens)
            : TaskCatalog.standard().create(settings.task(), settings.seed());
    var stages = new HashMap<String, StageData>();
    settings
        .stageData()
        .forEach(
            (stage, own) -> {
              String key = "stages." + stage + ".data";
              StageData read = FileData.stage(own, key, tokens);
              requireGroupSize(settings.stage(stage), key, read);
              stages.put(stage, read);
            });
    return data.with(stages);
  }

  /** A step makes room for so many completions of a row. */
  private static void requireGroupSize(StageSettings stage, String key, StageData data) {
    int most =
        stage instanceof PreferenceStage compared
            ? compared.comparisons().groupSize()
            : stage instanceof RewardModelStage model ? model.groupSize() : Integer.MAX_VALUE;
    if (data.mostCandidates() > most) {
      throw new DataException(
          key,
          List.of(
              "a row has %d completions, more than stages.%s.group-size = %d; raise it"
                  .formatted(data.mostCandidates(), stage.name(), most)));
    }
  }

  /** The first rows of a stage fit into the model's context; later ones are checked in turn. */
  private static void requireFit(StageData data, PromptTokens prompts) {
    for (int i = 0; i < Math.min(ROWS_READ, data.comparisons().size()); i++) {
      Comparison row = data.comparisons().get(i);
      row.candidates().forEach(candidate -> prompts.sequence(row, candidate));
    }
  }

  /** The tokenizer that a recipe asks for; the caller closes it. */
  static Tokenizer tokenizer(ModelSettings model, TokenizerSettings wanted) {
    return switch (wanted.kind()) {
      case CHARACTERS -> new CharacterTokenizer(wanted.alphabet());
      case BYTES -> new ByteTokenizer();
      case MODEL -> load(((ModelSettings.Pretrained) model).path(), wanted.chat());
    };
  }

  /**
   * The tokenizer of a model directory.
   *
   * @param chat whether prompts are written by the model's chat template
   */
  static Tokenizer load(Path model, boolean chat) {
    return chat ? ChatTokenizer.load(model) : HuggingFaceTokenizers.load(model);
  }

  private static DecoderConfig config(ModelSettings settings, Tokenizer tokenizer) {
    if (settings instanceof ModelSettings.Pretrained model) {
      return HuggingFaceDirectory.load(model.path()).config();
    }
    var model = (ModelSettings.NewDecoder) settings;
    return new DecoderConfig(
        model.family(),
        tokenizer.vocabSize(),
        model.width(),
        model.layers(),
        model.heads(),
        model.kvHeads(),
        model.headSize(),
        model.feedForward(),
        model.context(),
        model.normEpsilon(),
        model.ropeTheta(),
        model.tiedHead(),
        model.attentionBias(),
        // Only Llama files have one switch for the biases of all four projections.
        model.attentionBias() && model.family().equals("llama"),
        false,
        model.qkNorm(),
        0,
        tokenizer.bosToken(),
        tokenizer.eosToken() == Tokenizer.NONE ? List.of() : List.of(tokenizer.eosToken()),
        tokenizer.padToken(),
        DecoderTraits.PLAIN);
  }

  /** The chat template that writes prompts, as its model has it; empty without one. */
  String chatTemplate(RunSettings settings) {
    return settings.tokenizer().chat() && settings.model() instanceof ModelSettings.Pretrained model
        ? ChatTemplate.source(model.path()).orElse("")
        : "";
  }

  /** Tokens of the longest among the first prompts of both splits. */
  int longestPrompt(int prompts) {
    int longest = 0;
    List<PromptSource> splits = new ArrayList<>(List.of(data.train(), data.heldOut()));
    data.stages().values().forEach(stage -> stage.prompts().ifPresent(splits::add));
    for (PromptSource split : splits) {
      for (int i = 0; i < Math.min(prompts, split.size()); i++) {
        longest = Math.max(longest, this.prompts.prompt(split.get(i)).length);
      }
    }
    return longest;
  }

  @Override
  public void close() {
    prompts.episodes().ifPresent(Episodes::close);
    prompts.tokenizer().close();
  }
}
