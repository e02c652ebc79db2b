package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The sound parts of a recipe that has mistakes elsewhere, as far as they name something outside of
 * it: data, models, programs.
 *
 * @param seed of the run
 * @param device empty if it has a mistake
 * @param threads of the device
 * @param model empty if it has a mistake
 * @param tokenizer empty if it has a mistake
 * @param task empty if it has a mistake, or if there is data
 * @param data empty if it has a mistake, or if there is a task
 * @param environment empty if it has a mistake, or if there is none
 * @param stageData data of stages' own, by the key of the section
 * @param rewards rewards by the key of their list: that of the run, those of stages
 */
public record Draft(
    long seed,
    Optional<String> device,
    int threads,
    Optional<ModelSettings> model,
    Optional<TokenizerSettings> tokenizer,
    Optional<Config> task,
    Optional<DataSettings> data,
    Optional<Config> environment,
    Map<String, DataSettings> stageData,
    Map<String, List<Config>> rewards) {

  /** Every part of a recipe without mistakes. */
  public static Draft of(RunSettings settings) {
    return of(settings, key -> true);
  }

  /**
   * @param isSound whether nothing is wrong with a key and those below it
   */
  static Draft of(RunSettings read, Predicate<String> isSound) {
    Map<String, DataSettings> stageData = new LinkedHashMap<>();
    Map<String, List<Config>> rewards = new LinkedHashMap<>();
    if (!read.reward().isEmpty() && isSound.test("reward")) {
      rewards.put("reward", read.reward());
    }
    for (StageSettings stage : read.stages()) {
      String data = "stages." + stage.name() + ".data";
      if (read.stageData().containsKey(stage.name()) && isSound.test(data)) {
        stageData.put(data, read.stageData().get(stage.name()));
      }
      if (stage instanceof JudgedStage judged && !judged.judge().isEmpty()) {
        String key = "stages." + stage.name() + "." + judged.judgeKey();
        if (isSound.test(key)) {
          rewards.put(key, judged.judge());
        }
      }
    }
    return new Draft(
        Math.max(read.seed(), 0),
        Optional.of(read.device()).filter(device -> isSound.test("device")),
        Math.max(read.threads(), 0),
        Optional.ofNullable(read.model()).filter(model -> isSound.test("model")),
        Optional.ofNullable(read.tokenizer()).filter(tokenizer -> isSound.test("tokenizer")),
        Optional.of(read.task()).filter(task -> !task.isEmpty() && isSound.test("task")),
        read.data().filter(data -> isSound.test("data")),
        read.environment().filter(environment -> isSound.test("environment")),
        stageData,
        rewards);
  }
}
