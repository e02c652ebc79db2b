package dev.troupe.actors.cli;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.run.Mistakes;
import dev.troupe.runtime.settings.RunSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which recipe a command is about, with the settings that were given beside it. */
final class RecipeChoice {
  private static final String QUICKSTART = "cluster-config/recipes/quickstart.conf";

  @Parameters(
      arity = "0..*",
      paramLabel = "RECIPE | key=value",
      description = {
        "A recipe file, then settings that go before it, such as seed=2 or",
        "stages.grpo.steps=50. Without a file: the quickstart recipe."
      })
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Run directory (default: runs/<name>).")
  private String directory;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "Where to compute: cpu, or cuda:N (default: the recipe's).")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads of one tensor operation; 0 = all cores.")
  private Integer threads;

  /** The recipe as it was named, or the quickstart's path. */
  Path file() {
    if (!arguments.isEmpty() && !isSetting(arguments.get(0))) {
      return Path.of(arguments.get(0));
    }
    Path home = Path.of(System.getProperty("troupe.home", "."));
    Path quickstart = home.resolve(QUICKSTART);
    if (!Files.isRegularFile(quickstart)) {
      throw new RunException(
          "There is no quickstart recipe at %s; name a recipe file.".formatted(quickstart));
    }
    return quickstart;
  }

  RunSettings load() {
    return Mistakes.load(file(), overrides());
  }

  private List<String> overrides() {
    boolean named = !arguments.isEmpty() && !isSetting(arguments.get(0));
    var overrides = new ArrayList<>(arguments.subList(named ? 1 : 0, arguments.size()));
    add(overrides, "directory", directory);
    add(overrides, "device", device);
    add(overrides, "threads", threads);
    return overrides;
  }

  private static void add(List<String> overrides, String key, Object value) {
    if (value != null) {
      overrides.add(key + "=" + value);
    }
  }

  private static boolean isSetting(String argument) {
    return argument.contains("=") && !Files.exists(Path.of(argument));
  }

  /** The words after {@code troupe run} that start the same recipe in another directory. */
  List<String> argumentsIn(Path elsewhere) {
    var words = new ArrayList<>(arguments);
    words.addAll(List.of("--directory", elsewhere.toString()));
    if (device != null) {
      words.addAll(List.of("--device", device));
    }
    if (threads != null) {
      words.addAll(List.of("--threads", threads.toString()));
    }
    return words;
  }

  /** What to type to start the same run again. */
  String command() {
    var words = new ArrayList<String>(List.of("./troupe", "run"));
    arguments.forEach(argument -> words.add(quoted(argument)));
    option(words, "--directory", directory);
    option(words, "--device", device);
    option(words, "--threads", threads);
    return String.join(" ", words);
  }

  private static void option(List<String> words, String name, Object value) {
    if (value != null) {
      words.add(name);
      words.add(quoted(value.toString()));
    }
  }

  private static String quoted(String word) {
    return word.matches("[\\w./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
