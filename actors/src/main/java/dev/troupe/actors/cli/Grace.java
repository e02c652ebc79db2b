package dev.troupe.actors.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads how long something may take, such as {@code 90s} or {@code 2m}. */
final class Grace implements ITypeConverter<Duration> {
  /** What Kubernetes leaves a pod, less what closing takes. */
  static final String USUAL = "20s";

  private static final Pattern TEXT = Pattern.compile("(\\d{1,6})(s|m|h)?");

  @Override
  public Duration convert(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new TypeConversionException(
          "'%s' is no time; write a whole number of seconds, minutes or hours, such as 90s, 2m or 1h"
              .formatted(text));
    }
    long count = Long.parseLong(parts.group(1));
    return switch (parts.group(2) == null ? "s" : parts.group(2)) {
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofSeconds(count);
    };
  }
}
