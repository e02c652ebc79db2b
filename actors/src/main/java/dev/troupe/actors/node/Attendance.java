package dev.troupe.actors.node;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tells somebody who can be reached, at first and whenever that changes. A member that cannot be
 * reached leaves the list long before the cluster removes it.
 */
final class Attendance {
  private Attendance() {}

  /** One list to keep somebody informed of. */
  record Subject<T>(ServiceKey<T> key, Consumer<Set<akka.actor.typed.ActorRef<T>>> listener) {
    private void tell(Receptionist.Listing listing) {
      listener.accept(Set.copyOf(listing.getServiceInstances(key)));
    }
  }

  static Behavior<Receptionist.Listing> create(List<Subject<?>> subjects) {
    return Behaviors.setup(
        context -> {
          for (Subject<?> subject : subjects) {
            context
                .getSystem()
                .receptionist()
                .tell(Receptionist.subscribe(subject.key(), context.getSelf()));
          }
          return Behaviors.receive(Receptionist.Listing.class)
              .onMessage(
                  Receptionist.Listing.class,
                  listing -> {
                    subjects.stream()
                        .filter(subject -> listing.isForKey(subject.key()))
                        .forEach(subject -> subject.tell(listing));
                    return Behaviors.same();
                  })
              .build();
        });
  }
}
