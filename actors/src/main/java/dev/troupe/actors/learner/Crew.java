package dev.troupe.actors.learner;

import akka.actor.typed.ActorRef;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.Unconfirmed;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * What the lead knows of those who train with it. Plain state of its actor, which calls {@link
 * #repeat} at intervals.
 */
final class Crew {
  /** Tokens of the groups of one message, well below the largest one that nodes exchange. */
  private static final long MOST_TOKENS = 1 << 16;

  private static final int KEY_BYTES = 32;

  private final String key;
  private final int epoch;
  private final Map<ActorRef<Learner.Command>, String> endpoints = new LinkedHashMap<>();
  private final Unconfirmed<List<Object>> unconfirmed = new Unconfirmed<>();
  private final Set<Integer> unfinished = new HashSet<>();
  private final Map<Integer, String> digests = new LinkedHashMap<>();
  private List<ActorRef<Learner.Command>> followers = List.of();
  private Studio.Seat seat;
  private boolean isBegun;

  /**
   * @param epoch how many times the run was started before
   */
  Crew(int epoch) {
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    this.key = HexFormat.of().formatHex(random);
    this.epoch = epoch;
  }

  String key() {
    return key;
  }

  /** Asks learners to follow. */
  void enlist(List<ActorRef<Learner.Command>> asked, ActorRef<Learner.Command> lead) {
    for (ActorRef<Learner.Command> learner : asked) {
      endpoints.put(learner, null);
      unconfirmed.send(
          List.of("enlist", learner), () -> learner.tell(new CrewCommand.Enlist(key, lead)));
    }
  }

  /** Takes note of one that follows; true if it was the last one that was asked. */
  boolean onEnlisted(CrewCommand.Enlisted enlisted) {
    if (unconfirmed.confirm(List.of("enlist", enlisted.follower()))) {
      endpoints.put(enlisted.follower(), enlisted.endpoint());
      return !endpoints.containsValue(null);
    }
    return false;
  }

  /** Those who were asked and have not answered. */
  List<ActorRef<Learner.Command>> silent() {
    return endpoints.keySet().stream().filter(it -> endpoints.get(it) == null).toList();
  }

  /** Whether all have their seats: nobody else is waited for. */
  boolean isSeated() {
    return seat != null;
  }

  /**
   * Gives a seat to each of those who answered.
   *
   * @param own endpoint of the lead
   * @return the lead's seat, or empty if nobody answered
   */
  Optional<Studio.Seat> seat(String own) {
    silent().forEach(endpoints::remove);
    unconfirmed.clear();
    followers = List.copyOf(endpoints.keySet());
    var all = new ArrayList<String>();
    all.add(own);
    all.addAll(endpoints.values());
    seat = new Studio.Seat(key, epoch, all, 0);
    expectAll();
    return followers.isEmpty() ? Optional.empty() : Optional.of(seat);
  }

  /** Has everyone open a stage; again does nothing. */
  void begin(String stage) {
    if (!isBegun) {
      isBegun = true;
      forEach(
          rank -> send(List.of("begin", rank), rank, new CrewCommand.Begin(seat.at(rank), stage)));
    }
  }

  /** Hands the groups of a step on, which everyone trains then. */
  void study(long step, List<ScoredGroup> groups) {
    List<List<ScoredGroup>> parts = parts(groups);
    forEach(
        rank -> {
          for (int part = 0; part < parts.size(); part++) {
            send(
                List.of("study", rank, step, part),
                rank,
                new CrewCommand.Study(key, step, part, parts.size(), parts.get(part)));
          }
        });
    expectAll();
  }

  /** Lets everyone give its part of a checkpoint. */
  void assist(long stepsDone) {
    forEach(
        rank ->
            send(List.of("assist", rank, stepsDone), rank, new CrewCommand.Assist(key, stepsDone)));
  }

  /** Groups in as few messages as can be; one message if there are no groups. */
  private static List<List<ScoredGroup>> parts(List<ScoredGroup> groups) {
    var parts = new ArrayList<List<ScoredGroup>>();
    var part = new ArrayList<ScoredGroup>();
    long tokens = 0;
    for (ScoredGroup group : groups) {
      tokens += group.group().tokens();
      if (tokens > MOST_TOKENS && !part.isEmpty()) {
        parts.add(List.copyOf(part));
        part.clear();
        tokens = group.group().tokens();
      }
      part.add(group);
    }
    parts.add(part);
    return parts;
  }

  private void expectAll() {
    unfinished.clear();
    digests.clear();
    forEach(unfinished::add);
  }

  private void forEach(IntConsumer action) {
    for (int rank = 1; rank <= followers.size(); rank++) {
      action.accept(rank);
    }
  }

  private void send(List<Object> name, int rank, CrewCommand message) {
    unconfirmed.send(name, () -> followers.get(rank - 1).tell(message));
  }

  void onBegun(CrewCommand.Begun begun) {
    if (unconfirmed.confirm(List.of("begin", begun.rank()))) {
      finished(begun.rank(), begun.digest());
    }
  }

  void onNoted(CrewCommand.Noted noted) {
    unconfirmed.confirm(List.of("study", noted.rank(), noted.step(), noted.part()));
  }

  void onAssisting(CrewCommand.Assisting assisting) {
    unconfirmed.confirm(List.of("assist", assisting.rank(), assisting.stepsDone()));
  }

  void onStudied(CrewCommand.Studied studied) {
    finished(studied.rank(), studied.digest());
  }

  private void finished(int rank, String digest) {
    if (unfinished.remove(rank)) {
      digests.put(rank, digest);
    }
  }

  /** Whether everyone has done what was said last. */
  boolean isDone() {
    return unfinished.isEmpty();
  }

  /** Who has not done it yet, for people. */
  String late() {
    return "learner "
        + unfinished.stream().sorted().map(this::name).reduce((a, b) -> a + ", " + b).orElse("");
  }

  /** A learner by its rank, for people. */
  String name(int rank) {
    return "%d of %d (%s)"
        .formatted(rank + 1, followers.size() + 1, followers.get(rank - 1).path().address());
  }

  /** Who came to another policy than the lead; all must have the same bits. */
  Optional<String> deviant(String digest) {
    return digests.entrySet().stream()
        .filter(it -> !it.getValue().equals(digest))
        .findFirst()
        .map(it -> name(it.getKey()));
  }

  void repeat() {
    unconfirmed.repeat();
  }

  /** Lets everyone go. */
  void dismiss() {
    unconfirmed.clear();
    endpoints.keySet().forEach(learner -> learner.tell(new CrewCommand.Dismiss(key)));
    followers.forEach(learner -> learner.tell(new CrewCommand.Dismiss(key)));
  }
}
