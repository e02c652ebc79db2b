package dev.troupe.runtime.reward;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.settings.Checked;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Loads a user's {@link RewardFunction} by its class name, as {@code kind = java, class =
 * com.acme.MyReward}. The class is public and on the class path, and has a public constructor that
 * takes the {@link Config} under the key {@code settings}, or one without parameters.
 */
final class JavaReward {
  /** The name of this kind of reward. */
  static final String KIND = "java";

  private JavaReward() {}

  /** The {@link RewardFactory} of this kind. */
  static Supplier<RewardFunction> read(Checked reward) {
    Config settings = reward.optional("settings", reward::opaque).orElseGet(ConfigFactory::empty);
    // Made at once, so that what the class finds wrong is reported beside other mistakes.
    RewardFunction made = reward.parsed("class", name -> instance(load(name), settings));
    return () -> made;
  }

  private static Class<? extends RewardFunction> load(String className) {
    Class<?> found;
    try {
      found = Class.forName(className, true, loader());
    } catch (ClassNotFoundException e) {
      throw refusal("is not on the class path; add its jar to it, or mend the name", e);
    } catch (LinkageError e) {
      throw refusal("cannot be loaded: " + e, e);
    }
    if (!RewardFunction.class.isAssignableFrom(found)) {
      throw refusal("does not implement " + RewardFunction.class.getName(), null);
    }
    int modifiers = found.getModifiers();
    if (!Modifier.isPublic(modifiers) || Modifier.isAbstract(modifiers)) {
      throw refusal("must be public and not abstract", null);
    }
    return found.asSubclass(RewardFunction.class);
  }

  private static ClassLoader loader() {
    ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
    return ofThread != null ? ofThread : JavaReward.class.getClassLoader();
  }

  private static RewardFunction instance(Class<? extends RewardFunction> type, Config settings) {
    Optional<Constructor<? extends RewardFunction>> configured = constructor(type, Config.class);
    Optional<Constructor<? extends RewardFunction>> plain = constructor(type);
    if (configured.isEmpty() && plain.isPresent() && !settings.isEmpty()) {
      throw refusal("takes no settings: it has no public constructor with a Config", null);
    }
    try {
      if (configured.isPresent()) {
        return configured.get().newInstance(settings);
      }
      return plain
          .orElseThrow(
              () -> refusal("needs a public constructor that takes a Config or nothing", null))
          .newInstance();
    } catch (InvocationTargetException e) {
      throw refusal("failed in its constructor: " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw refusal("cannot be made: " + e, e);
    }
  }

  private static Optional<Constructor<? extends RewardFunction>> constructor(
      Class<? extends RewardFunction> type, Class<?>... parameters) {
    try {
      return Optional.of(type.getConstructor(parameters));
    } catch (NoSuchMethodException e) {
      return Optional.empty();
    }
  }

  private static IllegalArgumentException refusal(String fault, Throwable cause) {
    return new IllegalArgumentException("it " + fault, cause);
  }
}
