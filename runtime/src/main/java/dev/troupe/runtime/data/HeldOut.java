package dev.troupe.runtime.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * The split of a list of examples into training and held-out ones by a hash of the prompt. It does
 * not depend on the run's seed or on the order of the list, so runs are compared on the same
 * prompts; a smaller held-out part is contained in a larger one.
 */
final class HeldOut {
  private HeldOut() {}

  /**
   * Holds out the distinct prompts with the smallest hashes; everything else, in the order of the
   * list, is for training. Of several examples with a held-out prompt the first is held out and the
   * others are dropped: they belong in neither part.
   *
   * @throws dev.troupe.runtime.settings.SettingsException if that leaves nothing to train on
   */
  static TaskData split(String name, List<Example> examples, Portions portions) {
    var firstByHash = new TreeMap<String, Example>();
    examples.forEach(example -> firstByHash.putIfAbsent(hash(example.prompt()), example));
    portions.requireRest(firstByHash.size());
    List<Example> heldOut = firstByHash.values().stream().limit(portions.heldOut()).toList();
    Set<String> prompts = new HashSet<>();
    heldOut.forEach(example -> prompts.add(example.prompt()));
    var train = new ArrayList<Example>();
    for (Example example : examples) {
      if (train.size() < portions.trainLimit() && !prompts.contains(example.prompt())) {
        train.add(example);
      }
    }
    return new TaskData(name, PromptSource.of(train), PromptSource.of(heldOut), "");
  }

  private static String hash(String prompt) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(prompt.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
