package dev.troupe.runtime.settings;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Finds the files that a key names, by path or by pattern. What is not absolute is looked for
 * beside the recipe first, then in the working directory.
 */
final class DataFiles {
  private static final Pattern WILD = Pattern.compile("[*?\\[{]");

  private DataFiles() {}

  /** The directories in which a section's relative paths are looked for, the first first. */
  static List<Path> folders(Section c) {
    Set<Path> folders = new LinkedHashSet<>();
    ConfigValue told = c.root().content.get(Recipe.FOLDER);
    if (told != null) {
      folders.add(Path.of(told.unwrapped().toString()));
    } else {
      // A key that was given on the command line belongs to no file.
      for (ConfigValue value : c.content.values()) {
        if (!Place.isReference(value.origin())) {
          recipeFolder(value.origin()).ifPresent(folders::add);
        }
      }
    }
    folders.add(Path.of(""));
    return List.copyOf(folders);
  }

  private static Optional<Path> recipeFolder(ConfigOrigin origin) {
    return Optional.ofNullable(origin.filename())
        .map(Path::of)
        .map(Path::getParent)
        .filter(Files::isDirectory);
  }

  /** The files of a key that holds one pattern or a list of them, in order, each once. */
  static List<Path> find(Checked c, String key) {
    List<String> patterns =
        c.content.get(key).valueType() == ConfigValueType.LIST
            ? c.texts(key)
            : List.of(c.text(key));
    Set<Path> files = new LinkedHashSet<>();
    if (!c.isSound(key)) {
      return List.of();
    }
    if (patterns.isEmpty()) {
      c.refuse(key, "names no file");
    }
    List<Path> folders = folders(c);
    for (String pattern : patterns) {
      List<Path> found = find(c, key, pattern, folders);
      if (found.isEmpty() && c.isSound(key)) {
        c.refuse(
            key,
            WILD.matcher(pattern).find() ? "matches no file" : "is not a readable file",
            "looked for "
                + String.join(
                    " and ",
                    folders.stream()
                        .map(
                            folder ->
                                folder.toAbsolutePath().resolve(pattern).normalize().toString())
                        .distinct()
                        .toList()));
      }
      files.addAll(found);
    }
    return List.copyOf(files);
  }

  private static List<Path> find(Checked c, String key, String pattern, List<Path> folders) {
    try {
      for (Path folder : folders) {
        List<Path> found =
            WILD.matcher(pattern).find() ? matching(folder, pattern) : one(folder.resolve(pattern));
        if (!found.isEmpty()) {
          return found;
        }
      }
    } catch (InvalidPathException | PatternSyntaxException e) {
      c.refuse(key, "is not a path or pattern on this system", e.getMessage());
    } catch (IOException | UncheckedIOException e) {
      c.refuse(key, "cannot be looked up", e.toString());
    }
    return List.of();
  }

  private static List<Path> one(Path file) {
    return Files.isRegularFile(file) && Files.isReadable(file) ? List.of(file) : List.of();
  }

  /** The files that match, by name: the parts before the first wild one are a directory. */
  private static List<Path> matching(Path folder, String pattern) throws IOException {
    String[] parts = pattern.split("/", -1);
    int wild = 0;
    while (!WILD.matcher(parts[wild]).find()) {
      wild++;
    }
    String prefix = String.join("/", List.of(parts).subList(0, wild));
    Path root = folder.resolve(pattern.startsWith("/") ? prefix + "/" : prefix);
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    String rest = String.join("/", List.of(parts).subList(wild, parts.length));
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + rest);
    int depth = rest.contains("**") ? Integer.MAX_VALUE : parts.length - wild;
    var found = new ArrayList<Path>();
    try (Stream<Path> files = Files.walk(root, depth)) {
      files
          .filter(Files::isRegularFile)
          .filter(file -> matcher.matches(root.relativize(file)))
          .sorted()
          .forEach(found::add);
    }
    return found;
  }
}
