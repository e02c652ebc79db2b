package dev.troupe.runtime.reward.instruction;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One instruction, ready to be checked.
 *
 * @param id its name in IFEval, such as {@code length_constraints:number_words}
 * @param check whether a completion follows it
 */
record Instruction(String id, Predicate<String> check) {
  private static final Map<String, Function<Arguments, Predicate<String>>> KINDS = new TreeMap<>();

  static {
    KINDS.putAll(WordInstructions.KINDS);
    KINDS.putAll(FormInstructions.KINDS);
  }

  /**
   * @throws IllegalArgumentException if there is no such instruction or an argument is missing
   */
  static Instruction of(Arguments arguments) {
    Function<Arguments, Predicate<String>> kind = KINDS.get(arguments.instruction());
    if (kind == null) {
      throw new IllegalArgumentException(
          "there is no instruction \"%s\"; known are: %s"
              .formatted(arguments.instruction(), String.join(", ", KINDS.keySet())));
    }
    return new Instruction(arguments.instruction(), kind.apply(arguments));
  }
}
