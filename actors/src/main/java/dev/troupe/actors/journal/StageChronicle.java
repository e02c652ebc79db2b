package dev.troupe.actors.journal;

import dev.troupe.actors.protocol.VersionSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the journal knows of a stage that is under way.
 *
 * @param name of the stage
 * @param trained how many of its steps were ever trained
 * @param marks what each step came to, by the number of steps done; none from before the oldest
 *     checkpoint that the run may go back to
 * @param saved steps done of the checkpoints that the run may go back to, oldest first
 */
public record StageChronicle(
    String name, long trained, SortedMap<Long, Mark> marks, List<Long> saved) {

  /**
   * What a step came to.
   *
   * @param inForce the versions in force after it
   * @param loss what the learner measured; NaN if nothing, and before the first step
   */
  public record Mark(VersionSet inForce, double loss) {}

  /** Copies the collections. */
  public StageChronicle {
    marks = Collections.unmodifiableSortedMap(new TreeMap<>(marks));
    saved = List.copyOf(saved);
  }

  /** A stage that was not opened before. */
  static StageChronicle begun(String name, VersionSet inForce) {
    var first = new TreeMap<>(java.util.Map.of(inForce.step(), new Mark(inForce, Double.NaN)));
    return new StageChronicle(name, inForce.step(), first, List.of());
  }

  /** The stage is taken up after so many steps: later checkpoints were not fit for use. */
  StageChronicle reopened(VersionSet inForce) {
    return new StageChronicle(
        name, trained, marks, saved.stream().filter(step -> step <= inForce.step()).toList());
  }

  StageChronicle trained(VersionSet inForce, double loss) {
    var more = new TreeMap<>(marks);
    more.put(inForce.step(), new Mark(inForce, loss));
    return new StageChronicle(name, Math.max(trained, inForce.step()), more, saved);
  }

  StageChronicle saved(long stepsDone, long replayFrom) {
    return new StageChronicle(
        name,
        trained,
        marks.tailMap(replayFrom),
        Stream.concat(saved.stream().filter(step -> step < stepsDone), Stream.of(stepsDone))
            .filter(step -> step >= replayFrom)
            .toList());
  }

  /**
   * The oldest checkpoint that the run may have to go back to after one more was written.
   *
   * @param kept how many of the newest ones stay
   */
  public long replayFrom(long stepsDone, int kept) {
    List<Long> all =
        Stream.concat(saved.stream().filter(step -> step < stepsDone), Stream.of(stepsDone))
            .toList();
    // With fewer checkpoints than may stay, the run can still go back to its beginning.
    return all.size() < kept ? 0 : all.get(all.size() - kept);
  }

  /** Whether a step came to exactly this before. */
  public boolean isKnown(VersionSet inForce, double loss) {
    return Optional.ofNullable(marks.get(inForce.step()))
        .filter(mark -> difference(mark, inForce, loss).isEmpty())
        .isPresent();
  }

  /** What is not as the journal has it, if anything: {@code weights a, but the journal has b}. */
  static Optional<String> difference(Mark mark, VersionSet found, double loss) {
    Optional<String> versions = difference(mark.inForce(), found);
    boolean isSameLoss = Double.compare(mark.loss(), loss) == 0;
    return versions.isPresent() || isSameLoss
        ? versions
        : Optional.of("a loss of %s, but the journal has %s".formatted(loss, mark.loss()));
  }

  /** Epochs differ between starts; what counts are the digests. */
  static Optional<String> difference(VersionSet known, VersionSet found) {
    List<String> before = digests(known);
    List<String> now = digests(found);
    for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
      if (!before.get(i).equals(now.get(i))) {
        return Optional.of("%s, but the journal has %s".formatted(now.get(i), before.get(i)));
      }
    }
    return before.size() == now.size()
        ? Optional.empty()
        : Optional.of("%d models, but the journal has %d".formatted(now.size(), before.size()));
  }

  private static List<String> digests(VersionSet versions) {
    return Stream.of(
            Stream.of("weights " + versions.policy().digest()),
            versions.candidates().stream().map(it -> "candidate " + it.digest()),
            Optional.ofNullable(versions.scoring().reference()).stream()
                .map(it -> "reference " + it.digest()))
        .flatMap(digests -> digests)
        .toList();
  }
}
