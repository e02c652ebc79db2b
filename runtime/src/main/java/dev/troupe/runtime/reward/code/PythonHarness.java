package dev.troupe.runtime.reward.code;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.runtime.reward.code.SandboxResult.Bound;
import dev.troupe.runtime.reward.code.SandboxResult.Ended;
import dev.troupe.runtime.reward.code.SandboxResult.Stopped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Executes a candidate and then Python statements in one process, and reads what became of each.
 * The verdicts are told behind a word that is drawn for each run, so that a candidate cannot
 * announce them by printing; one that looks for the word in its interpreter can, so where that is a
 * danger let tests be inputs and outputs.
 */
final class PythonHarness {
  /** Its name inside the sandbox. */
  static final String FILE = "harness.py";

  /** The program that does it. */
  static final String TEXT = load();

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String word;
  private final String source;
  private final List<String> statements;

  PythonHarness(String source, List<String> statements) {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    this.word = HexFormat.of().formatHex(bytes);
    this.source = source;
    this.statements = List.copyOf(statements);
  }

  private static String load() {
    try (InputStream file = PythonHarness.class.getResourceAsStream(FILE)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the shipped resource " + FILE + " is unreadable", e);
    }
  }

  /** What the harness reads. */
  String input() {
    ObjectNode input = JSON.createObjectNode();
    input.put("word", word);
    input.put("source", source);
    statements.forEach(input.putArray("tests")::add);
    return input.toString();
  }

  /**
   * Whether each statement held.
   *
   * @throws CodeReward.StoppedException if the candidate asked for what the sandbox refuses, or
   *     ended the process before its tests did
   */
  List<Boolean> verdicts(Ended ended) throws CodeReward.StoppedException {
    JsonNode told = told(ended);
    if (told == null) {
      throw stopped(Bound.EXIT, "it ended the process before its tests were done");
    }
    var verdicts = new ArrayList<Boolean>();
    for (JsonNode verdict : told) {
      String kind = verdict.path(0).asText();
      String detail = verdict.path(1).asText();
      switch (kind) {
        case "refused" -> throw stopped(Bound.REFUSED, "the sandbox refused it: " + detail);
        case "memory" -> throw stopped(Bound.MEMORY, "it asked for more memory than it may have");
        case "exit" -> throw stopped(Bound.EXIT, "it ended itself before its tests were done");
        default -> verdicts.add(kind.equals("passed"));
      }
    }
    return verdicts;
  }

  private JsonNode told(Ended ended) {
    for (String line : ended.output().lines().toList()) {
      if (line.startsWith(word)) {
        try {
          JsonNode told = JSON.readTree(line.substring(word.length()));
          return told.size() == statements.size() ? told : null;
        } catch (JsonProcessingException e) {
          return null; // cut, because the process ended while it was written
        }
      }
    }
    return null;
  }

  private static CodeReward.StoppedException stopped(Bound bound, String reason) {
    return new CodeReward.StoppedException(new Stopped(bound, reason));
  }
}
