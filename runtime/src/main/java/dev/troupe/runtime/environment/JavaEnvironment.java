package dev.troupe.runtime.environment;

import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.settings.UserClass;

/** A user's {@link Environment} by its class name, as {@code kind = java, class = com.acme.X}. */
final class JavaEnvironment {
  /** The name of this kind of environment. */
  static final String KIND = "java";

  private JavaEnvironment() {}

  /** The {@link EnvironmentFactory} of this kind. */
  static World.Player read(Checked environment) {
    return new World.Turns(UserClass.read(environment, Environment.class));
  }
}
