package dev.troupe.actors.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** Back-pressure of the stream of events, with an executor that runs everything at once. */
class EventStreamTest {
  private final EventStream stream = new EventStream(3, Runnable::run);

  /** Notes what it gets and requests only what the test asks for. */
  private static final class Reader implements Flow.Subscriber<Observation> {
    private final List<String> got = new ArrayList<>();
    private Flow.Subscription subscription;
    private Throwable error;
    private boolean isComplete;

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
    }

    @Override
    public void onNext(Observation next) {
      got.add(((RunEvent.ActivityChanged) next.event()).activity() + "-" + next.missed());
    }

    @Override
    public void onError(Throwable cause) {
      error = cause;
    }

    @Override
    public void onComplete() {
      isComplete = true;
    }
  }

  private Reader reader() {
    var reader = new Reader();
    stream.subscribe(reader);
    return reader;
  }

  private void tell(String... activities) {
    for (String activity : activities) {
      stream.on(new RunEvent.ActivityChanged(activity));
    }
  }

  @Test
  void givesNoMoreThanWasRequestedAndKeepsTheRest() {
    Reader reader = reader();
    tell("a", "b", "c");
    assertEquals(List.of(), reader.got);
    reader.subscription.request(2);
    assertEquals(List.of("a-0", "b-0"), reader.got);
    reader.subscription.request(5);
    tell("d");
    assertEquals(List.of("a-0", "b-0", "c-0", "d-0"), reader.got);
  }

  @Test
  void whoLagsBehindTheBufferMissesTheOldestAndIsToldHowMany() {
    Reader slow = reader();
    Reader quick = reader();
    quick.subscription.request(100);
    tell("a", "b", "c", "d", "e");
    slow.subscription.request(100);
    assertEquals(List.of("c-2", "d-0", "e-0"), slow.got);
    assertEquals(List.of("a-0", "b-0", "c-0", "d-0", "e-0"), quick.got);
    tell("f");
    assertEquals("f-0", slow.got.get(3));
  }

  @Test
  void completesAfterWhatIsInTheBuffer() {
    Reader reader = reader();
    tell("a");
    stream.complete();
    assertFalse(reader.isComplete);
    reader.subscription.request(1);
    assertEquals(List.of("a-0"), reader.got);
    assertTrue(reader.isComplete);
    assertTrue(reader().isComplete, "whoever comes late is told that it is over");
  }

  @Test
  void endsWithTheRun() {
    Reader reader = reader();
    stream.on(new RunEvent.RunFailed("stopped", "resume"));
    tell("after the end");
    assertFalse(reader.isComplete, "the end itself waits to be requested");
    reader.subscription.cancel();
    assertTrue(reader().isComplete);
  }

  @Test
  void aCancelledSubscriberGetsNothingMore() {
    Reader reader = reader();
    reader.subscription.request(100);
    reader.subscription.cancel();
    tell("a");
    stream.complete();
    assertEquals(List.of(), reader.got);
    assertFalse(reader.isComplete);
  }

  @Test
  void aRequestForNothingIsAnError() {
    Reader reader = reader();
    reader.subscription.request(0);
    assertInstanceOf(IllegalArgumentException.class, reader.error);
    tell("a");
    assertEquals(List.of(), reader.got);
  }

  @Test
  void aSubscriberThatThrowsHarmsNobodyElse() {
    stream.subscribe(
        EventStream.each(
            observation -> {
              throw new IllegalStateException("broken");
            }));
    Reader reader = reader();
    reader.subscription.request(100);
    tell("a", "b");
    assertEquals(List.of("a-0", "b-0"), reader.got);
    assertNull(reader.error);
  }

  @Test
  void eachTakesOneAfterTheOther() {
    var got = new ArrayList<RunEvent>();
    stream.subscribe(EventStream.each(observation -> got.add(observation.event())));
    tell("a", "b");
    assertEquals(
        List.of(new RunEvent.ActivityChanged("a"), new RunEvent.ActivityChanged("b")), got);
  }
}
