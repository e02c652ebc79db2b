package dev.troupe.actors.cluster;

import akka.actor.AbstractActorWithTimers;
import akka.actor.ActorSystem;
import akka.actor.Props;
import akka.cluster.Cluster;
import akka.cluster.ClusterEvent;
import akka.cluster.DowningProvider;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import dev.troupe.actors.protocol.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import scala.Option;
import scala.concurrent.duration.FiniteDuration;

/**
 * Decides which nodes are given up that cannot be reached, see {@link Split}. Akka's own resolver
 * takes a node that died shortly after it had missed another one for an indirectly connected one,
 * and then ends the whole cluster; here such a node is dead like any other.
 *
 * <p>Named in the settings of Akka, which makes it.
 */
public final class SupervisorStays extends DowningProvider {
  private static final String STABLE_AFTER = "akka.cluster.split-brain-resolver.stable-after";
  private static final String MARGIN = "akka.cluster.down-removal-margin";

  private final ActorSystem system;

  /** Called by Akka. */
  public SupervisorStays(ActorSystem system) {
    this.system = system;
  }

  @Override
  public FiniteDuration downRemovalMargin() {
    return new FiniteDuration(setting(MARGIN).toMillis(), TimeUnit.MILLISECONDS);
  }

  private Duration setting(String key) {
    return system.settings().config().getDuration(key);
  }

  @Override
  public Option<Props> downingActorProps() {
    Duration stableAfter = setting(STABLE_AFTER);
    return Option.apply(Props.create(Judge.class, () -> new Judge(stableAfter)));
  }

  /** Judges when nothing has changed for a while. */
  static final class Judge extends AbstractActorWithTimers {
    private enum Calm {
      CALM
    }

    private final Cluster cluster = Cluster.get(getContext().getSystem());
    private final Duration stableAfter;
    private final Set<Member> members = new HashSet<>();
    private final Set<Member> unreachable = new HashSet<>();

    Judge(Duration stableAfter) {
      this.stableAfter = stableAfter;
    }

    @Override
    public void preStart() {
      cluster.subscribe(
          getSelf(),
          ClusterEvent.initialStateAsEvents(),
          ClusterEvent.MemberEvent.class,
          ClusterEvent.ReachabilityEvent.class);
    }

    @Override
    public void postStop() {
      cluster.unsubscribe(getSelf());
    }

    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .match(ClusterEvent.MemberRemoved.class, removed -> leave(removed.member()))
          .match(ClusterEvent.MemberEvent.class, changed -> enter(changed.member()))
          .match(ClusterEvent.UnreachableMember.class, lost -> lose(lost.member()))
          .match(ClusterEvent.ReachableMember.class, found -> find(found.member()))
          .matchEquals(Calm.CALM, calm -> judge())
          .build();
    }

    private void enter(Member member) {
      members.remove(member);
      members.add(member); // With its new status.
      if (unreachable.remove(member)) {
        unreachable.add(member);
      }
    }

    private void leave(Member member) {
      members.remove(member);
      unreachable.remove(member);
    }

    private void lose(Member member) {
      enter(member);
      unreachable.add(member);
      later(stableAfter);
    }

    private void find(Member member) {
      unreachable.remove(member);
      if (!unreachable.isEmpty()) {
        later(stableAfter);
      }
    }

    private void later(Duration time) {
      getTimers().startSingleTimer(Calm.CALM, Calm.CALM, time);
    }

    private void judge() {
      if (unreachable.isEmpty()) {
        return;
      }
      List<Member> oldestFirst = new ArrayList<>(members);
      // Who was never up cannot lead, and is no part of a side.
      oldestFirst.removeIf(SupervisorStays::isOutside);
      oldestFirst.sort((one, other) -> one.isOlderThan(other) ? -1 : 1);
      Split.Verdict verdict =
          new Split(oldestFirst.stream().map(this::seat).toList()).verdict();
      getContext()
          .getSystem()
          .log()
          .info("{} of {} nodes are out of reach: {}", unreachable.size(), members.size(), verdict);
      if (verdict == Split.Verdict.DOWN_UNREACHABLE) {
        unreachable.forEach(member -> cluster.down(member.address()));
      } else if (verdict == Split.Verdict.DOWN_SELF) {
        cluster.down(cluster.selfAddress());
      }
      later(stableAfter); // What was decided may have got lost, or somebody else is to decide now.
    }

    private Split.Seat seat(Member member) {
      return new Split.Seat(
          member.hasRole(Role.SUPERVISOR.toString()),
          member.uniqueAddress().equals(cluster.selfUniqueAddress()),
          !unreachable.contains(member));
    }
  }

  private static boolean isOutside(Member member) {
    return member.status() == MemberStatus.joining()
        || member.status() == MemberStatus.weaklyUp()
        || member.status() == MemberStatus.down()
        || member.status() == MemberStatus.removed();
  }
}
