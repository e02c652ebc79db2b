package dev.troupe.runtime.settings;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.nio.file.Path;

/** Says where a value was written, as a person would: {@code quickstart.conf: 12}. */
final class Place {
  static final String REFERENCE = "reference.conf";
  private static final String INCLUDED = Place.class.getPackageName().replace('.', '/') + '/';
  static final String COMMAND_LINE = "command line";

  private Place() {}

  static String of(ConfigValue value) {
    return of(value.origin());
  }

  static String of(ConfigOrigin origin) {
    String file = file(origin);
    if (file == null) {
      return origin.description(); // a simple origin already carries its line
    }
    return origin.lineNumber() > 0 ? file + ": " + origin.lineNumber() : file;
  }

  /** The last part of the file's path, or null when the value comes from no file. */
  private static String file(ConfigOrigin origin) {
    String path = origin.resource() != null ? origin.resource() : origin.filename();
    return path == null ? null : Path.of(path).getFileName().toString();
  }

  /** Whether a value is a default: of {@code reference.conf}, or of a file that it includes. */
  static boolean isReference(ConfigOrigin origin) {
    return origin.resource() != null
        && (origin.resource().equals(REFERENCE) || origin.resource().startsWith(INCLUDED));
  }
}
