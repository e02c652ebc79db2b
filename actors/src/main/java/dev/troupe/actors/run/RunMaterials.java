package dev.troupe.actors.run;

import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.data.PromptSource;
import dev.troupe.runtime.data.TaskCatalog;
import dev.troupe.runtime.data.TaskData;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.settings.ModelSettings;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.TokenizerSettings;
import dev.troupe.runtime.tokenizer.ByteTokenizer;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.tokenizer.ChatTokenizer;
import dev.troupe.runtime.tokenizer.HuggingFaceTokenizers;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;

/**
 * What a run works on: examples, tokenizer and the shape of its model. Making it checks that they
 * fit together, before anything is started.
 *
 * @param data the task's examples
 * @param prompts how they become tokens
 */
record RunMaterials(TaskData data, PromptTokens prompts) implements AutoCloseable {

  static RunMaterials of(RunSettings settings) {
    TaskData data = TaskCatalog.standard().create(settings.task(), settings.seed());
    Tokenizer tokenizer = tokenizer(settings);
    DecoderConfig config = config(settings, tokenizer);
    HuggingFaceDirectory.requireVocabulary(tokenizer.vocabSize(), config);
    return new RunMaterials(data, new PromptTokens(tokenizer, config));
  }

  private static Tokenizer tokenizer(RunSettings settings) {
    TokenizerSettings wanted = settings.tokenizer();
    return switch (wanted.kind()) {
      case CHARACTERS -> new CharacterTokenizer(wanted.alphabet());
      case BYTES -> new ByteTokenizer();
      case MODEL -> load(((ModelSettings.Pretrained) settings.model()).path(), wanted.chat());
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

  private static DecoderConfig config(RunSettings settings, Tokenizer tokenizer) {
    if (settings.model() instanceof ModelSettings.Pretrained model) {
      return HuggingFaceDirectory.load(model.path()).config();
    }
    var model = (ModelSettings.NewDecoder) settings.model();
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
        tokenizer.padToken());
  }

  /** Tokens of the longest among the first prompts of both splits. */
  int longestPrompt(int prompts) {
    int longest = 0;
    for (PromptSource split : List.of(data.train(), data.heldOut())) {
      for (int i = 0; i < Math.min(prompts, split.size()); i++) {
        longest = Math.max(longest, this.prompts.prompt(split.get(i)).length);
      }
    }
    return longest;
  }

  @Override
  public void close() {
    prompts.tokenizer().close();
  }
}
