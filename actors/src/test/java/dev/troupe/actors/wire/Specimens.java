package dev.troupe.actors.wire;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import dev.troupe.actors.protocol.Given;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Harvest;
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.Interplay;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.RewardScorer;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.reward.Outcome;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Random messages of any type, made by looking at its components; the few records whose parts must
 * fit together are made by hand.
 */
final class Specimens {
  private static final int MOST = 4;
  private static final List<String> NULLABLE =
      List.of("held", "finished", "doneBefore", "reference", "shaping", "reward");

  private final Random random;
  private final ActorTestKit kit;

  Specimens(Random random, ActorTestKit kit) {
    this.random = random;
    this.kit = kit;
  }

  Object of(Type type) {
    if (type instanceof ParameterizedType generic) {
      return generic(generic);
    }
    Class<?> raw = (Class<?>) type;
    if (raw == long.class || raw == Long.class) {
      return random.nextLong() & Long.MAX_VALUE >>> random.nextInt(63);
    }
    if (raw == int.class || raw == Integer.class) {
      return random.nextInt(Integer.MAX_VALUE) >> random.nextInt(31);
    }
    if (raw == double.class || raw == Double.class) {
      return random.nextInt(8) == 0 ? Double.NaN : random.nextGaussian();
    }
    if (raw == boolean.class) {
      return random.nextBoolean();
    }
    if (raw == String.class) {
      return "text \u00e9\u4e2d " + Integer.toString(random.nextInt(), 36);
    }
    if (raw == Duration.class) {
      return Duration.ofMillis(random.nextInt(Integer.MAX_VALUE));
    }
    if (raw == Instant.class) {
      return Instant.ofEpochMilli(random.nextInt());
    }
    if (raw.isEnum()) {
      Object[] values = raw.getEnumConstants();
      return values[random.nextInt(values.length)];
    }
    if (raw == PolicyVersion.class) {
      return version();
    }
    if (raw == ScoringModels.class) {
      return scoring();
    }
    if (raw == HarvestPart.class) {
      List<HarvestPart> parts = harvest().parts(random.nextInt(40));
      return parts.get(random.nextInt(parts.size()));
    }
    if (raw == WorkUnit.class) {
      return unit();
    }
    if (raw == VersionSet.class) {
      return new VersionSet(
          random.nextInt(1000),
          new PolicyVersion(0, 5, digest()),
          scoring(),
          random.nextBoolean() ? List.of() : List.of(new PolicyVersion(0, 6, digest())));
    }
    if (raw == ReferencePart.class) {
      ScoringModels models = scoring();
      return reference((TicketId) of(TicketId.class), models, 3, 2);
    }
    if (raw == ScoredGroup.class) {
      WorkUnit unit = unit();
      Ticket ticket = unit.tickets().get(0);
      Group group = group(unit, ticket);
      return new ScoredGroup(group, group.rollouts().stream().map(it -> outcome()).toList(), null);
    }
    if (raw == Outcome.class) {
      return outcome();
    }
    if (raw.isSealed()) {
      Class<?>[] kinds = raw.getPermittedSubclasses();
      return of(kinds[random.nextInt(kinds.length)]);
    }
    if (raw.isRecord()) {
      return record(raw);
    }
    throw new IllegalArgumentException("no specimen of " + type);
  }

  private Object generic(ParameterizedType type) {
    Class<?> raw = (Class<?>) type.getRawType();
    Type[] arguments = type.getActualTypeArguments();
    if (raw == ActorRef.class) {
      return kit.createTestProbe().getRef();
    }
    if (raw == Map.class) {
      var map = new LinkedHashMap<Object, Object>();
      for (int i = random.nextInt(MOST); i > 0; i--) {
        map.put(of(arguments[0]), of(arguments[1]));
      }
      return map;
    }
    var values = new ArrayList<Object>();
    for (int i = random.nextInt(MOST); i > 0; i--) {
      values.add(of(arguments[0]));
    }
    if (raw == List.class) {
      return values;
    }
    if (raw == Set.class) {
      return new LinkedHashSet<>(values);
    }
    throw new IllegalArgumentException("no specimen of " + type);
  }

  private Object record(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    var types = new Class<?>[components.length];
    var values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      boolean isNull = NULLABLE.contains(components[i].getName()) && random.nextBoolean();
      values[i] = isNull ? null : of(components[i].getGenericType());
    }
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException e) {
      throw new IllegalStateException("cannot make " + type + " of " + Arrays.toString(values), e);
    }
  }

  private String digest() {
    return "%016x".formatted(random.nextLong()).repeat(4);
  }

  private PolicyVersion version() {
    return new PolicyVersion(random.nextInt(3), random.nextInt(1000), digest());
  }

  private ScoringModels scoring() {
    boolean isShaped = random.nextBoolean();
    return new ScoringModels(
        random.nextBoolean() ? version() : null,
        isShaped ? version() : null,
        isShaped ? version() : null,
        random.nextBoolean() ? (RewardScorer) record(RewardScorer.class) : null);
  }

  private WorkUnit unit() {
    PolicyVersion policy = version();
    ScoringModels scoring = scoring();
    long seed = random.nextLong();
    var tickets = new ArrayList<Ticket>();
    for (int i = 0; i <= random.nextInt(MOST); i++) {
      tickets.add(
          new Ticket(
              (TicketId) of(TicketId.class),
              Purpose.TRAINING,
              random.nextInt(100),
              random.nextInt(100),
              random.nextLong(),
              1 + random.nextInt(MOST),
              seed,
              policy,
              scoring));
    }
    var sampling =
        new Sampling(
            random.nextDouble(), 5, 0.5, 0.25, 1.5, 40, List.of(2, 70_000), List.of("stop", ""));
    return new WorkUnit((UnitId) of(UnitId.class), sampling, tickets);
  }

  private Harvest harvest() {
    WorkUnit unit = unit();
    return new Harvest(
        unit,
        unit.tickets().stream().map(ticket -> group(unit, ticket)).toList(),
        random.nextInt(1000));
  }

  private Group group(WorkUnit unit, Ticket ticket) {
    var rollouts = new ArrayList<Rollout>();
    for (int sample = 0; sample < ticket.samples(); sample++) {
      int length = random.nextInt(9);
      rollouts.add(
          new Rollout(
              sample,
              random.ints(length, 0, 200_000).toArray(),
              floats(length),
              (FinishReason) of(FinishReason.class),
              (String) of(String.class),
              new Provenance("generator", unit.id(), unit.policy()),
              random.nextBoolean() ? Interplay.NONE : interplay(length)));
    }
    return new Group(ticket, random.ints(5, 0, 300).toArray(), rollouts);
  }

  private Interplay interplay(int length) {
    var given = new ArrayList<Given>();
    for (int at = 0; at <= length; at += 1 + random.nextInt(3)) {
      int[] tokens = random.ints(1 + random.nextInt(4), 0, 200_000).toArray();
      given.add(new Given(at, random.nextBoolean(), tokens));
    }
    return new Interplay(
        given,
        random.nextInt(9),
        (String) of(String.class),
        random.nextBoolean() ? Optional.empty() : Optional.of(outcome()));
  }

  private ReferencePart reference(TicketId ticket, ScoringModels models, int rows, int length) {
    return new ReferencePart(
        ticket,
        models,
        models.reference() == null ? null : rows(rows, length),
        models.shaping() == null ? null : rows(rows, length),
        models.shapingBase() == null ? null : rows(rows, length),
        models.reward() == null ? null : rows(rows, 1),
        random.nextInt(1000));
  }

  private List<float[]> rows(int rows, int length) {
    var values = new ArrayList<float[]>();
    for (int i = 0; i < rows; i++) {
      values.add(floats(length));
    }
    return values;
  }

  private float[] floats(int length) {
    var values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    return values;
  }

  private Outcome outcome() {
    return random.nextBoolean()
        ? new Outcome.Failed("no answer")
        : new Outcome.Scored(random.nextGaussian(), Map.of("a", random.nextGaussian()));
  }

  /** The same harvest with rollouts of so many tokens. */
  static Harvest withTokens(Harvest harvest, int tokens) {
    var ids = new int[tokens];
    Arrays.fill(ids, 150_000);
    var groups = new ArrayList<Group>();
    for (Group group : harvest.groups()) {
      groups.add(
          new Group(
              group.ticket(),
              group.promptTokens(),
              group.rollouts().stream()
                  .map(
                      it ->
                          new Rollout(
                              it.sample(),
                              ids,
                              new float[tokens],
                              it.finish(),
                              it.text(),
                              it.provenance()))
                  .toList()));
    }
    return new Harvest(harvest.unit(), groups, harvest.nanos());
  }

  /** A message as nested lists and values, in which arrays are compared by content. */
  static Object plain(Object value) {
    if (value == null || value instanceof ActorRef<?>) {
      return String.valueOf(value);
    }
    if (value.getClass().isArray()) {
      var elements = new ArrayList<Object>();
      for (int i = 0; i < Array.getLength(value); i++) {
        Object element = Array.get(value, i);
        // The very bits, also those of NaN.
        elements.add(element instanceof Float number ? Float.floatToRawIntBits(number) : element);
      }
      return elements;
    }
    if (value instanceof Optional<?> optional) {
      return optional.map(Specimens::plain).toString();
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Specimens::plain).toList();
    }
    if (value.getClass().isRecord()) {
      var parts = new ArrayList<Object>();
      parts.add(value.getClass().getName());
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        try {
          var accessor = component.getAccessor();
          accessor.setAccessible(true);
          parts.add(plain(accessor.invoke(value)));
        } catch (IllegalAccessException | InvocationTargetException e) {
          throw new IllegalStateException(e);
        }
      }
      return parts;
    }
    return value;
  }
}
