package dev.troupe.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code actors/README.md} says of libraries is about those that the builds ask for. */
class DependenciesTest {
  private static final Path ROOT = Path.of(System.getProperty("troupe.root", ".."));
  private static final Pattern DEPENDENCY =
      Pattern.compile(
          "<dependency>\\s*<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>");

  /** By group, or by group and artifact: the word that its row must hold. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("com.typesafe.akka", "Akka"),
          Map.entry("com.lightbend.akka", "its JDBC plugin"),
          Map.entry("com.lightbend.akka.management", "Akka Management"),
          Map.entry("com.lightbend.akka.discovery", "the discovery of Kubernetes"),
          Map.entry("org.postgresql", "PostgreSQL"),
          Map.entry("io.aeron", "Aeron"),
          Map.entry("org.agrona", "Agrona"),
          Map.entry("org.scala-lang", "Akka"), // its language
          Map.entry("info.picocli", "picocli"),
          Map.entry("ch.qos.logback", "Logback"),
          Map.entry("org.slf4j", "SLF4J"),
          Map.entry("io.micrometer", "Micrometer"),
          Map.entry("org.webjars.npm", "uPlot"),
          Map.entry("org.seleniumhq.selenium", "Selenium"),
          Map.entry("com.tngtech.archunit", "ArchUnit"),
          Map.entry("io.kubernetes", "the Kubernetes client"),
          Map.entry("org.yaml", "SnakeYAML"),
          Map.entry("ai.djl", "DJL"),
          Map.entry("ai.djl.pytorch", "PyTorch"),
          Map.entry("ai.djl.huggingface", "Hugging Face tokenizers"),
          Map.entry("com.typesafe", "Typesafe Config"),
          Map.entry("com.fasterxml.jackson.core", "Jackson"),
          Map.entry("org.duckdb", "DuckDB"),
          Map.entry("com.networknt", "json-schema-validator"),
          Map.entry("net.java.dev.jna", "JNA"),
          Map.entry("org.ejml", "EJML"),
          Map.entry("net.jqwik", "jqwik"),
          Map.entry("org.junit.jupiter", "JUnit"),
          Map.entry("org.pitest", "PIT"));

  @Test
  void everyLibraryHasItsRow() throws IOException {
    String readme = Files.readString(ROOT.resolve("actors/README.md"));
    var missing = new ArrayList<String>();
    for (String module : List.of("algorithms", "runtime", "actors")) {
      String pom = Files.readString(ROOT.resolve(module).resolve("pom.xml"));
      for (MatchResult found : DEPENDENCY.matcher(pom).results().toList()) {
        String group = found.group(1);
        if (!group.equals("dev.troupe")) {
          String name = NAMES.get(group);
          assertTrue(
              name != null,
              "%s:%s is new: say in actors/README.md what it is for, and its name here"
                  .formatted(group, found.group(2)));
          if (!readme.contains(name)) {
            missing.add(name);
          }
        }
      }
    }
    assertEquals(List.of(), missing, "libraries that actors/README.md does not name");
  }
}
