package dev.troupe.runtime.rollout;

import dev.troupe.runtime.record.RecordException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names of the files below {@code rollouts/}: each holds some consecutive steps of a stage, or
 * an evaluation, so that whoever looks for a step opens one file.
 *
 * @param directory {@code rollouts/} of a run; need not exist
 */
record RolloutFiles(Path directory) {
  private static final String SUFFIX = ".parquet";
  private static final String WRITING = ".writing";
  private static final Pattern STEPS = Pattern.compile("(.+)-(\\d{8,})-(\\d{8,})\\.parquet");

  /**
   * A file with training steps.
   *
   * @param from its first step
   * @param to its last step
   */
  record Steps(Path path, String stage, long from, long to) {
    boolean holds(long step) {
      return from <= step && step <= to;
    }
  }

  static RolloutFiles of(Path run) {
    return new RolloutFiles(run.resolve("rollouts"));
  }

  Path steps(String stage, long from, long to) {
    return directory.resolve(String.format(Locale.ROOT, "%s-%08d-%08d%s", stage, from, to, SUFFIX));
  }

  Path evaluation(String stage) {
    return directory.resolve(stage + "-evaluation" + SUFFIX);
  }

  /** All files with training steps, by stage and step. */
  List<Steps> steps() {
    return list().stream()
        .map(RolloutFiles::parse)
        .flatMap(Optional::stream)
        .sorted(Comparator.comparing(Steps::stage).thenComparing(Steps::from))
        .toList();
  }

  /** Where a file is written before it gets its name. */
  static Path draft(Path file) {
    return file.resolveSibling("." + file.getFileName() + WRITING);
  }

  /** What a killed writer left of training steps of a stage. */
  List<Path> drafts(String stage) {
    var names = Pattern.compile("\\." + Pattern.quote(stage) + "-\\d+-\\d+\\.parquet\\.writing");
    return all(name -> names.matcher(name).matches());
  }

  /** All files that are complete. */
  List<Path> list() {
    return all(name -> !name.startsWith(".") && name.endsWith(SUFFIX));
  }

  private List<Path> all(Predicate<String> wanted) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> wanted.test(file.getFileName().toString())).sorted().toList();
    } catch (NotDirectoryException | NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new RecordException(
          "cannot list %s: %s; check its permissions".formatted(directory, e), e);
    }
  }

  private static Optional<Steps> parse(Path file) {
    Matcher name = STEPS.matcher(file.getFileName().toString());
    return name.matches()
        ? Optional.of(
            new Steps(
                file, name.group(1), Long.parseLong(name.group(2)), Long.parseLong(name.group(3))))
        : Optional.empty();
  }
}
