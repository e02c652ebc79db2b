package dev.troupe.actors;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules of the house that a compiler does not know. */
class ArchitectureTest {
  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.troupe");

  @Test
  void algorithmsKnowNeitherRuntimeNorActorsNorAnEngine() {
    noClasses()
        .that()
        .resideInAPackage("dev.troupe.algorithms..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.troupe.runtime..",
            "dev.troupe.actors..",
            "akka..",
            "ai.djl.pytorch..",
            "com.typesafe.config..",
            "java.nio.file..")
        .check(HOUSE);
  }

  @Test
  void runtimeKnowsNeitherAlgorithmsNorActors() {
    noClasses()
        .that()
        .resideInAPackage("dev.troupe.runtime..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.troupe.algorithms..", "dev.troupe.actors..", "akka..")
        .check(HOUSE);
  }

  @Test
  void protocolsCarryNoTensors() {
    noClasses()
        .that()
        .resideInAPackage("dev.troupe.actors.protocol..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.djl..")
        .check(HOUSE);
  }

  @Test
  void theSupervisorSeesNeitherTokensNorWeights() {
    noClasses()
        .that()
        .resideInAPackage("dev.troupe.actors.supervisor..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(".*(Rollout|ScoredGroup|protocol.Group|DecoderWeights|NDArray)")
        .check(HOUSE);
  }

  @Test
  void nothingWaitsWithoutADeadline() {
    classes().should(new BoundedWaits()).check(HOUSE);
  }

  static Stream<String> endlessWaits() {
    return Stream.of(EndlessWaits.class.getDeclaredMethods())
        .filter(method -> !method.isSynthetic())
        .map(Method::getName);
  }

  @ParameterizedTest
  @MethodSource("endlessWaits")
  void aWaitWithoutADeadlineIsNoticed(String method) {
    List<String> found =
        classes()
            .should(new BoundedWaits())
            .evaluate(new ClassFileImporter().importClasses(EndlessWaits.class))
            .getFailureReport()
            .getDetails();

    assertTrue(
        found.stream().anyMatch(line -> line.contains("EndlessWaits." + method + "(")),
        found.toString());
  }
}
