package dev.troupe.actors.wire;

import dev.troupe.actors.protocol.Given;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.GroupFacts;
import dev.troupe.actors.protocol.HarvestPart;
import dev.troupe.actors.protocol.Interplay;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Purpose;
import dev.troupe.actors.protocol.ReferencePart;
import dev.troupe.actors.protocol.RewardPart;
import dev.troupe.actors.protocol.RewardScorer;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.ScoredGroup;
import dev.troupe.actors.protocol.ScoringModels;
import dev.troupe.actors.protocol.StepResult;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import dev.troupe.actors.protocol.UnitId;
import dev.troupe.actors.protocol.VersionSet;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.model.PolicyVersion;
import dev.troupe.runtime.reward.Outcome;
import dev.troupe.runtime.settings.Pacing;
import dev.troupe.runtime.settings.RewardView;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The parts that messages are made of: a way to write and a way to read each, side by side. */
final class Values {
  private static final int DIGEST_BYTES = 32;
  private static final int SCORED = 0;
  private static final int FAILED = 1;

  private Values() {}

  static void version(WireWriter w, PolicyVersion version) {
    w.shared(
        version,
        (out, it) -> {
          out.count(it.epoch());
          out.count(it.number());
          out.raw(HexFormat.of().parseHex(it.digest()));
        });
  }

  static PolicyVersion version(WireReader r) {
    return r.shared(
        in ->
            new PolicyVersion(
                in.size(), in.count(), HexFormat.of().formatHex(in.raw(DIGEST_BYTES))));
  }

  static void ticketId(WireWriter w, TicketId id) {
    w.shared(id.phase(), WireWriter::text);
    w.count(id.ordinal());
  }

  static TicketId ticketId(WireReader r) {
    return new TicketId(r.shared(WireReader::text), r.count());
  }

  static void unitId(WireWriter w, UnitId id) {
    w.shared(id.phase(), WireWriter::text);
    w.count(id.step());
    w.count(id.index());
  }

  static UnitId unitId(WireReader r) {
    return new UnitId(r.shared(WireReader::text), r.count(), r.size());
  }

  static void scoring(WireWriter w, ScoringModels models) {
    w.shared(
        models,
        (out, it) -> {
          out.optional(it.reference(), Values::version);
          out.optional(it.shaping(), Values::version);
          out.optional(it.shapingBase(), Values::version);
          out.optional(it.reward(), Values::scorer);
        });
  }

  static ScoringModels scoring(WireReader r) {
    return r.shared(
        in ->
            new ScoringModels(
                in.optional(Values::version),
                in.optional(Values::version),
                in.optional(Values::version),
                in.optional(Values::scorer)));
  }

  private static void scorer(WireWriter w, RewardScorer scorer) {
    version(w, scorer.model());
    w.byteValue(scorer.view().kind().ordinal());
    w.text(scorer.view().after());
    w.text(scorer.view().until());
    w.flag(scorer.view().strict());
  }

  private static RewardScorer scorer(WireReader r) {
    return new RewardScorer(
        version(r), new RewardView(r.choice(RewardView.Kind.class), r.text(), r.text(), r.flag()));
  }

  static void versions(WireWriter w, VersionSet set) {
    w.count(set.step());
    version(w, set.policy());
    scoring(w, set.scoring());
    w.list(set.candidates(), Values::version);
  }

  static VersionSet versions(WireReader r) {
    return new VersionSet(r.count(), version(r), scoring(r), r.list(Values::version));
  }

  static void ticket(WireWriter w, Ticket ticket) {
    ticketId(w, ticket.id());
    w.byteValue(ticket.purpose().ordinal());
    w.count(ticket.step());
    w.count(ticket.example());
    w.fixed(ticket.draw());
    w.count(ticket.samples());
    w.shared(ticket.seed(), WireWriter::fixed);
    version(w, ticket.policy());
    scoring(w, ticket.scoring());
  }

  static Ticket ticket(WireReader r) {
    return new Ticket(
        ticketId(r),
        r.choice(Purpose.class),
        r.count(),
        r.size(),
        r.fixed(),
        r.size(),
        r.shared(WireReader::fixed),
        version(r),
        scoring(r));
  }

  static void unit(WireWriter w, WorkUnit unit) {
    unitId(w, unit.id());
    Sampling sampling = unit.sampling();
    w.decimal(sampling.temperature());
    w.count(sampling.topK());
    w.decimal(sampling.topP());
    w.decimal(sampling.minP());
    w.decimal(sampling.repetitionPenalty());
    w.count(sampling.maxTokens());
    w.list(sampling.stopTokens(), (out, token) -> out.count(token));
    w.list(sampling.stopStrings(), WireWriter::text);
    w.byteValue(unit.pacing().ordinal());
    w.list(unit.tickets(), Values::ticket);
  }

  static WorkUnit unit(WireReader r) {
    return new WorkUnit(
        unitId(r),
        new Sampling(
            r.decimal(),
            r.size(),
            r.decimal(),
            r.decimal(),
            r.decimal(),
            r.size(),
            r.list(WireReader::size),
            r.list(WireReader::text)),
        r.choice(Pacing.class),
        r.list(Values::ticket));
  }

  /** The tickets of the groups are those of the unit and are not written again. */
  static void part(WireWriter w, HarvestPart part) {
    unit(w, part.unit());
    w.count(part.first());
    w.list(part.groups(), Values::content);
    w.count(part.nanos());
  }

  static HarvestPart part(WireReader r) {
    WorkUnit unit = unit(r);
    int first = r.size();
    int groups = r.size();
    var read = new ArrayList<Group>();
    for (int i = 0; i < groups; i++) {
      read.add(content(r, unit.tickets().get(first + i)));
    }
    return new HarvestPart(unit, first, read, r.count());
  }

  private static void content(WireWriter w, Group group) {
    w.ids(group.promptTokens());
    w.list(group.rollouts(), Values::rollout);
  }

  private static Group content(WireReader r, Ticket ticket) {
    return new Group(ticket, r.ids(), r.list(Values::rollout));
  }

  private static void rollout(WireWriter w, Rollout rollout) {
    w.count(rollout.sample());
    w.ids(rollout.tokens());
    w.floats(rollout.logps());
    w.byteValue(rollout.finish().ordinal());
    w.text(rollout.text());
    w.shared(
        rollout.provenance(),
        (out, it) -> {
          out.text(it.generator());
          out.optional(it.unit(), Values::unitId);
          version(out, it.policy());
          out.list(it.renewals(), Values::renewal);
        });
    // Most rollouts have none.
    Interplay interplay = rollout.interplay();
    w.optional(interplay.equals(Interplay.NONE) ? null : interplay, Values::interplay);
  }

  private static void interplay(WireWriter w, Interplay interplay) {
    w.list(
        interplay.given(),
        (out, given) -> {
          out.count(given.at());
          out.flag(given.isAnew());
          out.ids(given.tokens());
        });
    w.count(interplay.turns());
    w.text(interplay.transcript());
    w.optional(interplay.outcome().orElse(null), Values::outcome);
  }

  private static Interplay interplay(WireReader r) {
    return new Interplay(
        r.list(in -> new Given(in.size(), in.flag(), in.ids())),
        r.size(),
        r.text(),
        Optional.ofNullable(r.optional(Values::outcome)));
  }

  private static void renewal(WireWriter w, Provenance.Renewal renewal) {
    w.count(renewal.from());
    version(w, renewal.policy());
  }

  private static Provenance.Renewal renewal(WireReader r) {
    return new Provenance.Renewal(r.size(), version(r));
  }

  private static Rollout rollout(WireReader r) {
    return new Rollout(
        r.size(),
        r.ids(),
        r.floats(),
        r.choice(FinishReason.class),
        r.text(),
        r.shared(
            in ->
                new Provenance(
                    in.text(), in.optional(Values::unitId), version(in), in.list(Values::renewal))),
        Objects.requireNonNullElse(r.optional(Values::interplay), Interplay.NONE));
  }

  private static void outcome(WireWriter w, Outcome outcome) {
    if (outcome instanceof Outcome.Scored scored) {
      w.byteValue(SCORED);
      w.decimal(scored.total());
      numbers(w, scored.components());
    } else {
      w.byteValue(FAILED);
      w.text(((Outcome.Failed) outcome).reason());
    }
  }

  private static Outcome outcome(WireReader r) {
    int kind = r.byteValue();
    return switch (kind) {
      case SCORED -> new Outcome.Scored(r.decimal(), numbers(r));
      case FAILED -> new Outcome.Failed(r.text());
      default -> throw new IllegalArgumentException("no outcome has number " + kind);
    };
  }

  private static void numbers(WireWriter w, Map<String, Double> numbers) {
    w.list(
        numbers.entrySet(),
        (out, entry) -> {
          out.shared(entry.getKey(), WireWriter::text);
          out.decimal(entry.getValue());
        });
  }

  private static Map<String, Double> numbers(WireReader r) {
    var numbers = new LinkedHashMap<String, Double>();
    int size = r.size();
    for (int i = 0; i < size; i++) {
      String name = r.shared(WireReader::text);
      numbers.put(name, r.decimal());
    }
    return numbers;
  }

  static void rewards(WireWriter w, RewardPart part) {
    ticketId(w, part.ticket());
    w.list(part.outcomes(), Values::outcome);
    w.count(part.nanos());
  }

  static RewardPart rewards(WireReader r) {
    return new RewardPart(ticketId(r), r.list(Values::outcome), r.count());
  }

  static void reference(WireWriter w, ReferencePart part) {
    ticketId(w, part.ticket());
    scoring(w, part.models());
    w.optional(part.reference(), Values::rows);
    w.optional(part.shaping(), Values::rows);
    w.optional(part.shapingBase(), Values::rows);
    w.optional(part.scores(), Values::rows);
    w.count(part.nanos());
  }

  static ReferencePart reference(WireReader r) {
    return new ReferencePart(
        ticketId(r),
        scoring(r),
        r.optional(Values::rows),
        r.optional(Values::rows),
        r.optional(Values::rows),
        r.optional(Values::rows),
        r.count());
  }

  private static void rows(WireWriter w, List<float[]> rows) {
    w.list(rows, WireWriter::floats);
  }

  private static List<float[]> rows(WireReader r) {
    return r.list(WireReader::floats);
  }

  static void scored(WireWriter w, ScoredGroup scored) {
    ticket(w, scored.ticket());
    content(w, scored.group());
    w.list(scored.outcomes(), Values::outcome);
    w.optional(scored.reference(), Values::reference);
  }

  static ScoredGroup scored(WireReader r) {
    Ticket ticket = ticket(r);
    return new ScoredGroup(
        content(r, ticket), r.list(Values::outcome), r.optional(Values::reference));
  }

  static void facts(WireWriter w, GroupFacts facts) {
    ticketId(w, facts.ticket());
    w.count(facts.step());
    w.count(facts.example());
    w.byteValue(facts.purpose().ordinal());
    w.list(facts.rewards(), WireWriter::decimal);
    w.list(facts.failures(), WireWriter::text);
    w.count(facts.tokens());
    w.count(facts.generateNanos());
    w.count(facts.rewardNanos());
    w.count(facts.referenceNanos());
  }

  static GroupFacts facts(WireReader r) {
    return new GroupFacts(
        ticketId(r),
        r.count(),
        r.size(),
        r.choice(Purpose.class),
        r.list(WireReader::decimal),
        r.list(WireReader::text),
        r.count(),
        r.count(),
        r.count(),
        r.count());
  }

  static void result(WireWriter w, StepResult result) {
    versions(w, result.inForce());
    numbers(w, result.metrics());
    w.count(result.nanos());
  }

  static StepResult result(WireReader r) {
    return new StepResult(versions(r), numbers(r), r.count());
  }
}
