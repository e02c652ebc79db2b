package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Everything that a person has set for a run, checked.
 *
 * @param name name of the run
 * @param seed seed of everything random in it
 * @param directory run directory, relative to the working directory unless absolute
 * @param device where tensors are computed: cpu or cuda:N
 * @param threads threads of one tensor operation on the CPU; 0 = all cores
 * @param learners nodes that train each step together, where the run has several nodes
 * @param generators generators in each process that samples
 * @param rewardAttempts how often a reward is asked for before a completion counts as failed
 * @param compute number format of the matrix products
 * @param model the weights with which the run begins
 * @param tokenizer how text becomes tokens
 * @param task section with a {@code kind}, whose other keys the task of that kind checks; empty if
 *     there is data
 * @param environment section with a {@code kind}, whose other keys the environment of that kind
 *     checks; empty where a completion answers a prompt
 * @param data a person's own prompts, in place of a task
 * @param generation the server that samples; empty where generators do it themselves
 * @param stageData what single stages read in place of that, by the name of the stage
 * @param reward sections with a {@code kind} each, whose other keys the reward of that kind checks;
 *     empty only if no stage and no evaluation needs one
 * @param stages the training stages in the order in which they run
 * @param deadlines how long the parts of a stage may take, by the name of the stage
 * @param evaluate how finished stages are measured
 * @param checkpoints when state is written down
 * @param journal where decisions are written down
 * @param ledger how long finished groups are kept
 * @param records what is written down beside the metrics
 * @param disk how much of the disk stays free
 * @param log how large log files become
 * @param limits when the run gives up what fails again and again
 * @param resolved every value with its origin: the content of {@code run.conf}
 */
public record RunSettings(
    String name,
    long seed,
    Path directory,
    String device,
    int threads,
    int learners,
    int generators,
    int rewardAttempts,
    NumericFormat compute,
    ModelSettings model,
    TokenizerSettings tokenizer,
    Config task,
    Optional<Config> environment,
    Optional<DataSettings> data,
    Optional<GenerationSettings> generation,
    Map<String, DataSettings> stageData,
    List<Config> reward,
    List<StageSettings> stages,
    Map<String, DeadlineSettings> deadlines,
    EvaluationSettings evaluate,
    CheckpointSettings checkpoints,
    JournalSettings journal,
    LedgerSettings ledger,
    RecordSettings records,
    DiskSettings disk,
    LogSettings log,
    LimitSettings limits,
    ResolvedConfig resolved) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern DEVICE = Pattern.compile("cpu|cuda:\\d{1,3}");
  private static final String NAME_PLACEHOLDER = "<name>";

  /** Number format of the matrix products; sums, softmax and losses stay in fp32. */
  public enum NumericFormat {
    /** IEEE single precision. */
    FP32,
    /** Brain floating point, 16 bits. */
    BF16
  }

  /** Copies the lists. */
  public RunSettings {
    stageData = Map.copyOf(stageData);
    reward = List.copyOf(reward);
    stages = List.copyOf(stages);
    deadlines = Map.copyOf(deadlines);
  }

  static RunSettings from(ResolvedConfig resolved) {
    Checked c = new Checked(resolved.root().toConfig());
    // Shared sections have moved into the stages; they are still here only if they are no sections.
    c.optional("optimizer", c::opaque);
    c.optional("sampling", c::opaque);
    c.optional("deadlines", c::opaque);
    c.has(Recipe.FOLDER);
    String name = c.text("name", NAME, "at most 64 letters, digits, dots, hyphens and underscores");
    Checked modelSection = c.section("model");
    ModelSettings model =
        modelSection.has("path")
            ? ModelSettings.Pretrained.from(modelSection)
            : ModelSettings.NewDecoder.from(modelSection);
    Checked tokenizerSection = c.section("tokenizer");
    TokenizerSettings tokenizer = TokenizerSettings.from(tokenizerSection);
    requireMatch(modelSection, tokenizerSection, tokenizer);
    List<Checked> stageSections = c.sections("stages");
    if (c.isSound("stages") && stageSections.isEmpty()) {
      c.refuse("stages", "holds no stage", "a run needs at least one");
    }
    Lineage lineage = Plan.lineage(stageSections, modelSection, model);
    List<StageSettings> stages = Plan.stages(stageSections, lineage);
    Map<String, DataSettings> stageData = Plan.data(stageSections, stages);
    Map<String, DeadlineSettings> deadlines = Plan.deadlines(stageSections);
    EvaluationSettings evaluate = EvaluationSettings.from(c.section("evaluate"), lineage);
    boolean rewarded =
        !evaluate.stages().isEmpty() || stages.stream().anyMatch(StageSettings::isRewarded);
    var settings =
        new RunSettings(
            name,
            c.longInteger("seed", 0, Long.MAX_VALUE),
            directory(c, name),
            c.text("device", DEVICE, "cpu, or cuda:N for the GPU of index N"),
            c.integer("threads", 0, 1024),
            c.integer("learners", 1, 64),
            c.integer("generators", 1, 64),
            c.integer("reward-attempts", 1, 100),
            c.choice("compute", NumericFormat.class),
            model,
            tokenizer,
            task(c),
            environment(c, stages),
            c.optional("data", key -> DataSettings.from(c.section(key), DataUse.PROMPTS)),
            GenerationSettings.from(c.section("generation")),
            stageData,
            rewarded || c.has("reward") ? rewards(c, "reward") : List.of(),
            stages,
            deadlines,
            evaluate,
            CheckpointSettings.from(c.section("checkpoints")),
            JournalSettings.from(c.section("journal")),
            LedgerSettings.from(c.section("ledger")),
            RecordSettings.from(c.section("records")),
            DiskSettings.from(c.section("disk")),
            LogSettings.from(c.section("log")),
            LimitSettings.from(c.section("limits")),
            resolved);
    try {
      c.throwIfAny();
    } catch (SettingsException e) {
      throw e.with(draft(settings, e.problems()));
    }
    return settings;
  }

  /** Every sentence about a key begins with it. */
  private static Draft draft(RunSettings read, List<String> problems) {
    return Draft.of(read, key -> problems.stream().noneMatch(problem -> problem.startsWith(key)));
  }

  private static Path directory(Checked c, String name) {
    Path pattern = c.path("directory");
    return c.isSound("name")
        ? Path.of(pattern.toString().replace(NAME_PLACEHOLDER, name))
        : pattern; // a bad name may be no part of any path
  }

  /** Only its own tokenizer knows the vocabulary of a trained model, and a new one has none. */
  private static void requireMatch(Checked model, Checked tokenizer, TokenizerSettings settings) {
    if (settings == null || !tokenizer.isSound("kind")) {
      return;
    }
    boolean own = settings.kind() == TokenizerSettings.Kind.MODEL;
    if (own && model.isSound("family")) {
      tokenizer.clash(
          "kind",
          "needs a trained model, but there is " + model.quote("family"),
          "choose characters or bytes, or set model.path");
    } else if (!own && model.isSound("path")) {
      tokenizer.clash("kind", "does not know the tokens of " + model.quote("path"), "choose model");
    }
  }

  private static Config task(Checked c) {
    if (c.has("data")) {
      if (c.has("task")) {
        c.refuse("task", "stands beside data", "keep one of the two");
      }
      return ConfigFactory.empty();
    }
    Config task = c.opaque("task");
    if (c.isSound("task")) {
      Checked section = c.section("task");
      section.text("kind");
      section.ignoreRest(); // the task checks its own keys
    }
    return task;
  }

  private static Optional<Config> environment(Checked c, List<StageSettings> stages) {
    if (!c.has("environment")) {
      return Optional.empty();
    }
    Config environment = c.opaque("environment");
    if (c.isSound("environment")) {
      Checked section = c.section("environment");
      // Its rollouts may have several segments, which cannot be compared as one.
      boolean isAgent = section.text("kind").equals("agent");
      section.ignoreRest(); // the environment checks its own keys
      stages.stream()
          .filter(stage -> !playsEpisodes(stage) || isAgent && stage instanceof PreferenceStage)
          .forEach(
              stage ->
                  c.refuse(
                      "environment",
                      "does not go with stage %s of kind %s, which reads the text of a single completion"
                          .formatted(stage.name(), stage.kind()),
                      "remove one of the two"));
    }
    return Optional.of(environment);
  }

  private static boolean playsEpisodes(StageSettings stage) {
    return !(stage instanceof SuperHfStage
        || stage instanceof RewardModelStage
        || stage instanceof PromptSelectionStage
        || stage instanceof PolicyGradientStage policy && policy.modelReward().isPresent());
  }

  /** Reads a list of sections that each name a reward; the reward checks the other keys. */
  static List<Config> rewards(Checked c, String key) {
    List<Checked> sections = c.sections(key);
    if (c.isSound(key) && sections.isEmpty()) {
      c.refuse(key, "holds no reward", "write at least one { kind = ..., weight = 1 }");
    }
    for (Checked section : sections) {
      section.text("kind");
      section.ignoreRest();
    }
    return c.isSound(key) ? c.opaqueList(key) : List.of();
  }

  /**
   * @param stage name of a stage
   * @return its settings
   * @throws NoSuchElementException if no stage has the name
   */
  public StageSettings stage(String stage) {
    return stages.stream().filter(it -> it.name().equals(stage)).findFirst().orElseThrow();
  }

  /**
   * Refuses settings whose prompts and completions do not fit together into the model's context;
   * called when the data is known.
   *
   * @param longestPrompt tokens of the longest prompt
   * @param context the model's context, tokens
   * @throws SettingsException naming every stage, and the evaluation, whose completions are too
   *     long
   */
  public void requireRoom(int longestPrompt, int context) {
    List<String> problems = new ArrayList<>();
    Map<String, Integer> limits = new LinkedHashMap<>();
    for (StageSettings stage : stages) {
      if (stage instanceof RolloutStage sampled) {
        limits.put(
            "stages." + stage.name() + ".sampling.max-tokens", sampled.sampling().maxTokens());
      }
    }
    if (!evaluate.stages().isEmpty()) {
      limits.put("evaluate.max-tokens", evaluate.maxTokens());
    }
    limits.forEach(
        (key, maxTokens) -> {
          if ((long) longestPrompt + maxTokens > context) {
            problems.add(
                resolved.quote(key)
                    + " and the longest prompt of "
                    + longestPrompt
                    + " tokens exceed the model's context of "
                    + context
                    + "; choose at most "
                    + Math.max(context - longestPrompt, 0));
          }
        });
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
  }

  /**
   * Identifies what the run computes; a run resumes only with an equal digest.
   *
   * @return lower-case hexadecimal SHA-256, see {@link ResolvedConfig#digest}
   */
  public String settingsDigest() {
    return resolved.digest();
  }

  /**
   * Identifies what writes the prompts of a stage: the chat template and the task or data section
   * that the stage reads, less the names of files and queries. Equal prompts may have different
   * digests; prompts that differ for another reason than their data have different ones.
   *
   * @param stage name of the stage
   * @param chat source of the chat template; empty without one
   * @return lower-case hexadecimal SHA-256
   */
  public String templateDigest(String stage, String chat) {
    return resolved.templateDigest(
        stageData.containsKey(stage)
            ? "stages." + stage + ".data"
            : data.isPresent() ? "data" : "task",
        chat);
  }

  /**
   * What keeps settings from resuming a run begun with others.
   *
   * @param a the settings at hand
   * @param b the settings of the run
   * @return one sentence for each key that differs, with both values; empty if the digests are
   *     equal
   */
  public static List<String> differences(RunSettings a, RunSettings b) {
    return a.resolved.differences(b.resolved);
  }
}
