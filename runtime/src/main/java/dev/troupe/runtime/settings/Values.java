package dev.troupe.runtime.settings;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** Questions about configuration values, asked before they are converted. */
final class Values {
  private static final int SHOWN_LENGTH = 80;

  private Values() {}

  static boolean isScalar(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> true;
      case OBJECT, LIST, NULL -> false;
    };
  }

  static boolean isListOf(ConfigValue value, Predicate<ConfigValue> fits) {
    return value instanceof ConfigList list && list.stream().allMatch(fits);
  }

  /** The number, also from a text such as an environment variable gives; never NaN or infinite. */
  static Optional<BigDecimal> number(ConfigValue value) {
    if (!isScalar(value)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new BigDecimal(value.unwrapped().toString()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether a reader of the HOCON library accepts the value. */
  static boolean canBeRead(Runnable reader) {
    try {
      reader.run();
      return true;
    } catch (ConfigException e) {
      return false;
    }
  }

  /** The value as one writes it, cut when it is long. */
  static String shown(ConfigValue value) {
    String text = value.render(ConfigRenderOptions.concise());
    return text.length() <= SHOWN_LENGTH ? text : text.substring(0, SHOWN_LENGTH - 3) + "...";
  }

  static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
