package dev.troupe.runtime.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * A person's own class that is named in the settings, as {@code kind = java, class =
 * com.acme.Mine}. It is public and on the class path, and has a public constructor that takes the
 * {@link Config} under the key {@code settings}, or one without parameters.
 */
public final class UserClass {
  private UserClass() {}

  /**
   * Reads {@code class} and {@code settings}. An object is made at once, so that what the class
   * finds wrong is reported beside other mistakes.
   *
   * @param type what the class must implement
   * @return makes objects of the class, the first of which was made already; of no use after a
   *     mistake
   */
  public static <T> Supplier<T> read(Checked section, Class<T> type) {
    Config settings = section.optional("settings", section::opaque).orElseGet(ConfigFactory::empty);
    return section.parsed("class", name -> maker(load(name, type), settings));
  }

  private static <T> Supplier<T> maker(Class<? extends T> type, Config settings) {
    T first = instance(type, settings);
    var unused = new AtomicReference<>(first);
    return () -> {
      T made = unused.getAndSet(null);
      return made != null ? made : instance(type, settings);
    };
  }

  private static <T> Class<? extends T> load(String className, Class<T> wanted) {
    Class<?> found;
    try {
      found = Class.forName(className, true, loader());
    } catch (ClassNotFoundException e) {
      throw refusal("is not on the class path; add its jar to it, or mend the name", e);
    } catch (LinkageError e) {
      throw refusal("cannot be loaded: " + e, e);
    }
    if (!wanted.isAssignableFrom(found)) {
      throw refusal("does not implement " + wanted.getName(), null);
    }
    int modifiers = found.getModifiers();
    if (!Modifier.isPublic(modifiers) || Modifier.isAbstract(modifiers)) {
      throw refusal("must be public and not abstract", null);
    }
    return found.asSubclass(wanted);
  }

  private static ClassLoader loader() {
    ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
    return ofThread != null ? ofThread : UserClass.class.getClassLoader();
  }

  private static <T> T instance(Class<? extends T> type, Config settings) {
    Optional<Constructor<? extends T>> configured = constructor(type, Config.class);
    Optional<Constructor<? extends T>> plain = constructor(type);
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

  private static <T> Optional<Constructor<? extends T>> constructor(
      Class<? extends T> type, Class<?>... parameters) {
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
