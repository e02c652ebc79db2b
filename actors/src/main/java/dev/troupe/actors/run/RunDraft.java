package dev.troupe.actors.run;

import dev.troupe.actors.cluster.NodeSettings;
import dev.troupe.actors.event.EventStream;
import dev.troupe.actors.event.Observation;
import dev.troupe.runtime.reward.RewardFunction;
import dev.troupe.runtime.settings.Recipe;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.function.UnaryOperator;

/**
 * A run while a program puts it together: policy, data, rewards, stages, and what the program
 * brings of its own. Started here with its whole company, or taken part in as one node of many; a
 * draft that is started again in the same directory goes on where the run was.
 *
 * <p>Not safe for several threads.
 */
public final class RunDraft {
  private final List<Part> rewards = new ArrayList<>();
  private final List<Stage> stages = new ArrayList<>();
  private final List<Flow.Subscriber<? super Observation>> observers = new ArrayList<>();
  private final String name;
  private Part recipe;
  private Casting casting = Casting.usual();

  private RunDraft(String name) {
    this.name = name;
    this.recipe = Part.empty().with("name", name);
  }

  /**
   * A run.
   *
   * @param name names it in records and messages
   */
  public static RunDraft named(String name) {
    return new RunDraft(name);
  }

  /** Where everything that the run leaves goes; the default is {@code runs/NAME}. */
  public RunDraft directory(Path directory) {
    return with("directory", directory);
  }

  /** The policy is a trained model: a directory in the Hugging Face layout with its tokenizer. */
  public RunDraft policy(Path directory) {
    return with("model", Part.empty().with("path", directory)).with("tokenizer", Part.of("model"));
  }

  /**
   * The policy is a new decoder.
   *
   * @param model keys of the recipe's section {@code model}: family, width, layers, heads,
   *     feed-forward, context
   * @param tokenizer such as {@code Part.of("characters").with("alphabet", "0123456789>")}
   */
  public RunDraft policy(Part model, Part tokenizer) {
    return with("model", model).with("tokenizer", tokenizer);
  }

  /** A task that ships with the project, such as {@code Part.of("sort-digits")}. */
  public RunDraft task(Part task) {
    return with("task", task);
  }

  /** Own files: keys of the recipe's section {@code data}. */
  public RunDraft data(Part data) {
    return with("data", data);
  }

  /** Adds a reward that ships with the project; its weight is the section's {@code weight}. */
  public RunDraft reward(Part reward) {
    rewards.add(reward);
    return this;
  }

  /**
   * Adds an own reward.
   *
   * @param function called by several threads at once; one that throws, is late or gives no finite
   *     number fails that rollout, which is retried, then left out and counted, never a 0
   * @param weight its factor in the sum of rewards
   */
  public RunDraft reward(RewardFunction function, double weight) {
    casting = casting.with(function);
    return reward(Part.of(function.name()).with("weight", weight));
  }

  /** Adds a stage; they run in this order. */
  public RunDraft stage(Stage stage) {
    stages.add(stage);
    return this;
  }

  /**
   * With another key of the recipe.
   *
   * @param key a path, such as {@code checkpoints.every}
   * @param value see {@link Part#with}
   */
  public RunDraft with(String key, Object value) {
    recipe = recipe.with(key, value);
    return this;
  }

  /** Generator actors of the embedded company; more than one decode units side by side. */
  public RunDraft generators(int number) {
    return with("generators", number);
  }

  /**
   * Own actors.
   *
   * @param roles given what this draft has, with its rewards, gives what it shall have
   */
  public RunDraft casting(UnaryOperator<Casting> roles) {
    casting = roles.apply(casting);
    return this;
  }

  /**
   * Somebody who is told what happens from the very start, as much as it requests; see {@link
   * EventStream} for one that falls behind. Where the run is not supervised it is told nothing.
   */
  public RunDraft observedBy(Flow.Subscriber<? super Observation> observer) {
    observers.add(observer);
    return this;
  }

  /**
   * The settings as they would be used, defaults filled in.
   *
   * @throws dev.troupe.runtime.settings.SettingsException naming every mistake
   */
  public RunSettings settings() {
    Part whole = recipe;
    if (!rewards.isEmpty()) {
      whole = whole.with("reward", List.copyOf(rewards));
    }
    whole = whole.with("stages", stages.stream().map(Stage::part).toList());
    return Recipe.of(whole.content(), "draft of " + name);
  }

  /**
   * Starts or resumes the run with its whole company in this process.
   *
   * @return to be awaited and closed
   * @throws RuntimeException with a sentence for people if the run cannot begin: bad settings, data
   *     or model, or a directory in use
   */
  public EmbeddedRun start() {
    var options =
        EmbeddedRun.Options.usual("the program that built the run " + name).with(casting, stream());
    return EmbeddedRun.start(settings(), options, event -> {});
  }

  /**
   * Takes part in the run as one node of a cluster, whose other nodes have the same draft or its
   * recipe and the same program.
   *
   * @param node where it is and which roles it plays
   * @return to be awaited and closed
   * @throws RuntimeException with a sentence for people if it cannot start: bad settings, data,
   *     model or address
   */
  public ClusterNode join(NodeSettings node) {
    var options =
        new ClusterNode.Options(
            "the same programs on all nodes",
            directory -> {},
            (run, epoch) -> {},
            casting,
            stream());
    return ClusterNode.start(settings(), node, options, event -> {});
  }

  private EventStream stream() {
    var stream = new EventStream();
    observers.forEach(stream::subscribe);
    return stream;
  }
}
