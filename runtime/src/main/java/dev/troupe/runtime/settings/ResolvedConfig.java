package dev.troupe.runtime.settings;

import static java.util.stream.Collectors.toSet;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Every setting of a run, defaults written out, each value with the place where it was set. Equal
 * if the values are equal, wherever they were set.
 *
 * @param root the whole configuration, without substitutions
 */
public record ResolvedConfig(ConfigObject root) {
  /** Values head a section in this order; the others follow by the alphabet. */
  private static final List<String> VALUES =
      List.of(
          "name",
          "kind",
          "from",
          "of",
          "steps",
          "seed",
          "directory",
          "device",
          "threads",
          "learners",
          "generators",
          "reward-attempts");

  /** Sections follow the values in this order; the others follow by the alphabet. */
  private static final List<String> SECTIONS =
      List.of(
          "model",
          "tokenizer",
          "task",
          "environment",
          "reward",
          "stages",
          "evaluate",
          "generation",
          "checkpoints",
          "journal",
          "ledger",
          "records",
          "disk",
          "log",
          "limits");

  private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z][A-Za-z0-9-]*");

  /** Keys that change where, how fast or how safely a run goes, never what it computes. */
  private static final Pattern OPERATIONAL =
      Pattern.compile(
          "name|directory|recipe-folder|device|threads|learners|generators|reward-attempts|checkpoints\\..*|generation\\.(?!backend$).*|journal\\..*|ledger\\..*|records\\..*|disk\\..*|log\\..*|limits\\..*|stages\\.[^.]+\\.deadlines\\..*");

  /** Keys that say where rows are read, not what becomes of them. */
  private static final Pattern FILES = Pattern.compile(".*\\.(path|query)");

  /** Checks that there is a configuration. */
  public ResolvedConfig {
    Objects.requireNonNull(root, "root");
  }

  /**
   * The content of {@code run.conf}: a recipe that gives equal settings, with the origin of each
   * value in a comment.
   *
   * @return HOCON, lines ended by a line feed
   */
  public String render() {
    StringBuilder out = new StringBuilder();
    out.append("# Every setting of this run; the comment behind a value says where it was set.\n");
    renderKeys(root, "", out);
    return out.toString();
  }

  private static void renderKeys(ConfigObject section, String indent, StringBuilder out) {
    List<String> keys = new ArrayList<>(section.keySet());
    keys.sort(
        Comparator.comparingInt((String key) -> rank(section, key))
            .thenComparing(Comparator.naturalOrder()));
    for (String key : keys) {
      String written = PLAIN_KEY.matcher(key).matches() ? key : ConfigUtil.quoteString(key);
      ConfigValue value = section.get(key);
      out.append(indent).append(written);
      out.append(value instanceof ConfigObject ? " " : " = ");
      renderValue(value, indent, out);
    }
  }

  private static int rank(ConfigObject section, String key) {
    if (isNested(section.get(key))) {
      int place = SECTIONS.indexOf(key);
      return VALUES.size() + 1 + (place >= 0 ? place : SECTIONS.size());
    }
    int place = VALUES.indexOf(key);
    return place >= 0 ? place : VALUES.size();
  }

  private static boolean isNested(ConfigValue value) {
    return value instanceof ConfigObject
        || (value instanceof ConfigList list && list.stream().anyMatch(ResolvedConfig::isNested));
  }

  private static void renderValue(ConfigValue value, String indent, StringBuilder out) {
    String deeper = indent + "  ";
    if (value instanceof ConfigObject section) {
      out.append("{\n");
      renderKeys(section, deeper, out);
      out.append(indent).append("}\n");
    } else if (isNested(value)) {
      out.append("[\n");
      for (ConfigValue element : (ConfigList) value) {
        out.append(deeper);
        renderValue(element, deeper, out);
      }
      out.append(indent).append("]\n");
    } else {
      out.append(value.render(ConfigRenderOptions.concise()));
      out.append("  # ").append(Place.of(value)).append('\n');
    }
  }

  /**
   * Identifies what the run computes: name, directory, device, threads, learners, checkpoints and
   * deadlines do not count, nor does where a value was set or how a number was written.
   *
   * @return lower-case hexadecimal SHA-256 of the other values
   */
  public String digest() {
    // JSON strings hold no line feed, so the lines cannot be confused.
    return digest(comparable());
  }

  private static String digest(SortedMap<String, String> values) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      values.forEach((key, text) -> digest.update(utf8(key + '=' + text + '\n')));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Identifies a section that writes prompts, together with a chat template.
   *
   * @return lower-case hexadecimal SHA-256 of the values less those that name files
   */
  String templateDigest(String section, String chat) {
    SortedMap<String, String> template = values();
    template
        .keySet()
        .removeIf(key -> !isWithin(key, Set.of(section)) || FILES.matcher(key).matches());
    template.put("chat", chat);
    return digest(template);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * What differs between the values that {@link #digest} covers.
   *
   * @param other the settings to compare with
   * @return one sentence for each key, with both values and where they were set; empty if the
   *     digests are equal
   */
  public List<String> differences(ResolvedConfig other) {
    SortedMap<String, String> mine = comparable();
    SortedMap<String, String> theirs = other.comparable();
    Map<String, ConfigValue> myLeaves = leaves();
    Map<String, ConfigValue> theirLeaves = other.leaves();
    TreeSet<String> keys = new TreeSet<>(mine.keySet());
    keys.addAll(theirs.keySet());
    keys.removeIf(key -> Objects.equals(mine.get(key), theirs.get(key)));
    // That a stage is new is said once, by the list, not for each of its keys.
    for (String list : List.copyOf(keys)) {
      Set<String> gone = elements(list, myLeaves);
      Set<String> added = elements(list, theirLeaves);
      keys.removeIf(key -> isWithin(key, gone) != isWithin(key, added));
    }
    return keys.stream()
        .map(
            key ->
                key
                    + " = "
                    + shown(mine.get(key), myLeaves.get(key))
                    + " against "
                    + shown(theirs.get(key), theirLeaves.get(key)))
        .toList();
  }

  /** The full keys of the elements of a list of sections. */
  private static Set<String> elements(String list, Map<String, ConfigValue> leaves) {
    return leaves.get(list) instanceof ConfigList elements && isNested(elements)
        ? Labels.of(elements).stream().map(label -> list + "." + label).collect(toSet())
        : Set.of();
  }

  private static boolean isWithin(String key, Set<String> sections) {
    return sections.stream().anyMatch(section -> key.startsWith(section + "."));
  }

  private static String shown(String text, ConfigValue value) {
    if (text == null) {
      return "nothing";
    }
    return value == null ? text : text + " (" + Place.of(value) + ")";
  }

  private SortedMap<String, String> comparable() {
    SortedMap<String, String> comparable = values();
    comparable.keySet().removeIf(key -> OPERATIONAL.matcher(key).matches());
    return Collections.unmodifiableSortedMap(comparable);
  }

  /** Every value by its full key, in one form; what stands in a list has its place in the key. */
  public SortedMap<String, String> values() {
    SortedMap<String, String> values = new TreeMap<>();
    leaves().forEach((key, value) -> values.put(key, canonical(value)));
    return values;
  }

  /** {@code key = value (file: line)} of a value known to be there. */
  String quote(String key) {
    return key + " = " + shown(canonical(leaves().get(key)), leaves().get(key));
  }

  /**
   * Every value that is neither a section nor a list of sections, by its full key. A list of
   * sections stands for the order of its elements.
   */
  SortedMap<String, ConfigValue> leaves() {
    SortedMap<String, ConfigValue> leaves = new TreeMap<>();
    collect(root, "", leaves);
    return leaves;
  }

  private static void collect(ConfigValue value, String key, Map<String, ConfigValue> leaves) {
    String prefix = key.isEmpty() ? "" : key + ".";
    if (value instanceof ConfigObject section) {
      section.forEach((name, child) -> collect(child, prefix + name, leaves));
    } else if (isNested(value)) {
      ConfigList list = (ConfigList) value;
      List<String> labels = Labels.of(list);
      leaves.put(key, list);
      for (int i = 0; i < labels.size(); i++) {
        collect(list.get(i), prefix + labels.get(i), leaves);
      }
    } else {
      leaves.put(key, value);
    }
  }

  private static String canonical(ConfigValue value) {
    if (isNested(value)) {
      return String.join(", ", Labels.of((ConfigList) value));
    }
    if (value instanceof ConfigList list) {
      return list.stream().map(ResolvedConfig::canonical).toList().toString();
    }
    if (value.valueType() == ConfigValueType.NUMBER) {
      // 1e3 and 1000 are one number; a text of digits, such as an alphabet, stays as it is.
      return new BigDecimal(value.unwrapped().toString()).stripTrailingZeros().toPlainString();
    }
    return value.render(ConfigRenderOptions.concise());
  }
}
