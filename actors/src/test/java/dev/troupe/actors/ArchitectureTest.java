package dev.troupe.actors;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import org.junit.jupiter.api.Test;

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
    noClasses()
        .should()
        .callCodeUnitWhere(
            target(isUnbounded(CompletableFuture.class, "join", "get"))
                .or(target(isUnbounded(Future.class, "get")))
                .or(target(isUnbounded(Thread.class, "join")))
                .or(target(isUnbounded(CountDownLatch.class, "await")))
                .or(target(isUnbounded(Condition.class, "await", "awaitUninterruptibly")))
                .or(target(isUnbounded(BlockingQueue.class, "take")))
                .or(target(isUnbounded(Object.class, "wait"))))
        .check(HOUSE);
  }

  private static DescribedPredicate<CodeUnitCallTarget> isUnbounded(
      Class<?> owner, String... methods) {
    Set<String> names = Set.of(methods);
    return DescribedPredicate.describe(
        owner.getSimpleName() + "." + names + "()",
        call ->
            names.contains(call.getName())
                && call.getRawParameterTypes().isEmpty()
                && call.getOwner().isAssignableTo(owner));
  }
}
