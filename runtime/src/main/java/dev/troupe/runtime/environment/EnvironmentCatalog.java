package dev.troupe.runtime.environment;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.settings.Kinds;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;

/**
 * The kinds of environments there are, by name. A new kind is an {@link EnvironmentFactory} and one
 * registration: with {@link #with} in a program, or in {@link #standard} here. A user's class needs
 * neither: {@code kind = java} loads it by its name. Immutable.
 */
public final class EnvironmentCatalog {
  private static final EnvironmentCatalog STANDARD =
      new EnvironmentCatalog(
              Kinds.none(
                  ConfigFactory.parseResources(
                      EnvironmentCatalog.class, "environment-defaults.conf")))
          .with(AgentProgram.KIND, section -> new World.Agent(AgentProgram.read(section)))
          .with(Calculator.KIND, Calculator::read)
          .with(GuessNumber.KIND, GuessNumber::read)
          .with(JavaEnvironment.KIND, JavaEnvironment::read);

  private final Kinds<EnvironmentFactory> kinds;

  private EnvironmentCatalog(Kinds<EnvironmentFactory> kinds) {
    this.kinds = kinds;
  }

  /** The kinds that ship with the project. */
  public static EnvironmentCatalog standard() {
    return STANDARD;
  }

  /**
   * A catalog with one more kind.
   *
   * @throws IllegalArgumentException if there is a kind of this name already
   */
  public EnvironmentCatalog with(String kind, EnvironmentFactory factory) {
    return new EnvironmentCatalog(kinds.with(kind, factory));
  }

  /** The names of the kinds. */
  public SortedSet<String> kinds() {
    return kinds.names();
  }

  /**
   * Makes what a section describes. Its key {@code kind} names the factory; keys that are left out
   * take the defaults of the kind, which {@code environment-defaults.conf} beside this class lists
   * and explains.
   *
   * @throws dev.troupe.runtime.settings.SettingsException if the kind is unknown or a setting is
   *     bad, with all mistakes
   */
  public World create(Config environment) {
    var section = new Checked(kinds.complete(environment), "environment");
    Optional<EnvironmentFactory> factory = kinds.choose(section);
    String kind = factory.isPresent() ? section.text("kind") : "";
    Optional<Supplier<World>> world =
        factory.map(
            known -> {
              int maxTurns = section.integer("max-turns", 1, 10_000);
              Duration deadline =
                  section.duration("deadline", Duration.ofMillis(1), Duration.ofHours(24));
              String role = section.oneOf("role", List.of("user", "tool"));
              int threads = section.integer("threads", 1, 1024);
              World.Player player = known.read(section);
              return () -> new World(kind, maxTurns, deadline, role, threads, player);
            });
    section.throwIfAny();
    return world.orElseThrow().get();
  }
}
