package dev.troupe.actors.cli;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.stage.PromptTokens;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.checkpoint.PeftAdapter;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.GenerationEngine;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderWeights;
import dev.troupe.runtime.model.NumericType;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.tokenizer.ChatTokenizer;
import dev.troupe.runtime.tokenizer.HuggingFaceTokenizers;
import dev.troupe.runtime.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code troupe generate}. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Continues prompts with a model in the Hugging Face layout.", ""},
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe generate --model runs/quickstart --prompt '352104>'",
      "  troupe generate --model runs/my-run/checkpoints/sft/step-100 --prompt 'Once upon' \\",
      "      --samples 3 --temperature 0.8 --top-p 0.95 --max-tokens 100 --seed 7",
      "  troupe generate --model base --adapter adapters --prompt 'Once upon'"
    })
final class GenerateCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A model directory, or a run directory (its last stage's newest checkpoint).")
  private Path model;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "Low-rank adapters in the PEFT layout, merged into the model.")
  private Path adapter;

  @Option(
      names = "--prompt",
      required = true,
      paramLabel = "TEXT",
      description = "A text to continue; may be given several times.")
  private List<String> prompts = new ArrayList<>();

  @Option(
      names = "--chat",
      description = "Prompts are what a user says: written by the model's chat template.")
  private boolean isChat;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "1",
      description = "Completions of each prompt (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "64",
      description = "Longest completion (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      defaultValue = "0",
      description = "Divides the logits; 0 takes the likeliest token (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "0",
      description = "Choose among this many likeliest tokens; 0 = all (default: ${DEFAULT-VALUE}).")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "X",
      defaultValue = "1",
      description = "Choose within this share of probability (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--min-p",
      paramLabel = "X",
      defaultValue = "0",
      description = "Least probability relative to the likeliest (default: ${DEFAULT-VALUE}).")
  private double minP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      defaultValue = "1",
      description = "Penalty on tokens already present; 1 = none (default: ${DEFAULT-VALUE}).")
  private double repetitionPenalty;

  @Option(names = "--stop", paramLabel = "TEXT", description = "A text that ends a completion.")
  private List<String> stop = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the random numbers (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private DeviceChoice device;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Path directory = ModelDirectory.find(model);
    ModelDirectory.runOf(directory).ifPresent(this::tellOfEnvironment);
    LoadedModel loaded = HuggingFaceDirectory.load(directory);
    try (Tokenizer tokenizer = tokenizer(directory);
        Accelerator accelerator = device.open();
        DecoderWeights weights = weights(accelerator, loaded);
        GenerationEngine engine =
            new GenerationEngine(accelerator, loaded.config(), NumericType.FP32)) {
      HuggingFaceDirectory.requireVocabulary(tokenizer.vocabSize(), loaded.config());
      engine.adopt(weights);
      generate(engine, new PromptTokens(tokenizer, loaded.config()));
    }
    return 0;
  }

  /** Who trained a model to talk with an environment wonders why nobody answers it here. */
  private void tellOfEnvironment(Path run) {
    Recipe.load(run.resolve("run.conf"))
        .environment()
        .ifPresent(
            environment -> {
              PrintWriter err = spec.commandLine().getErr();
              err.printf(
                  "%s was trained with the environment %s, which does not answer here: this is its"
                      + " first turn; ./troupe eval %s plays whole episodes.%n",
                  run.getFileName(), environment.getString("kind"), run);
              err.flush();
            });
  }

  private Tokenizer tokenizer(Path directory) {
    return isChat ? ChatTokenizer.load(directory) : HuggingFaceTokenizers.load(directory);
  }

  private DecoderWeights weights(Accelerator accelerator, LoadedModel loaded) {
    if (adapter == null) {
      return DecoderWeights.load(accelerator, loaded);
    }
    PeftAdapter adapters = PeftAdapter.load(adapter);
    try (DecoderWeights adapted =
        DecoderWeights.of(accelerator, loaded.config(), adapters.lora(), adapters.over(loaded))) {
      return adapted.merged();
    }
  }

  private void generate(GenerationEngine engine, PromptTokens tokens) {
    var requests = new ArrayList<GenerationRequest>();
    for (int i = 0; i < prompts.size(); i++) {
      var example = new Example("--prompt " + (i + 1), prompts.get(i), null, Map.of());
      requests.add(new GenerationRequest(i, tokens.prompt(example), samples));
    }
    List<List<Completion>> completions =
        engine.generate(requests, sampling(tokens), seed, tokens.tokenizer());
    PrintWriter out = spec.commandLine().getOut();
    for (int i = 0; i < prompts.size(); i++) {
      for (Completion completion : completions.get(i)) {
        out.println((isChat ? "" : prompts.get(i)) + text(completion, tokens.tokenizer()));
      }
    }
    out.flush();
  }

  private Sampling sampling(PromptTokens tokens) {
    try {
      return new Sampling(
          temperature, topK, topP, minP, repetitionPenalty, maxTokens, tokens.stopTokens(), stop);
    } catch (IllegalArgumentException e) {
      throw new RunException(e.getMessage(), e);
    }
  }

  private static String text(Completion completion, Tokenizer tokenizer) {
    int[] tokens = completion.tokens();
    boolean stopped = completion.finish() == FinishReason.STOP_TOKEN;
    return tokenizer.decodeContinuation(
        stopped ? Arrays.copyOf(tokens, tokens.length - 1) : tokens);
  }
}
