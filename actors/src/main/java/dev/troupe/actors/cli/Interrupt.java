package dev.troupe.actors.cli;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Ctrl-C and SIGTERM: asks the run to end in order and gives it some time to do so before the
 * process goes. If it does, the process ends with its exit code and not with that of the signal.
 */
final class Interrupt {
  /** What is left to do once the run has ended: closing files, ending native work. */
  private static final Duration CLOSING = Duration.ofSeconds(40);

  /** As of a process that a signal ends. */
  private static final int AT_ONCE = 143;

  private final Duration grace;
  private final CountDownLatch settled = new CountDownLatch(1);
  private volatile BiConsumer<String, Duration> run = (reason, time) -> {};
  private volatile boolean hasCome;
  private volatile int exitCode;

  private Interrupt(Duration grace) {
    this.grace = grace;
  }

  /**
   * From now on the process does not end without asking.
   *
   * @param grace how long what was begun may take to be finished; zero for an end at once
   */
  static Interrupt within(Duration grace) {
    var interrupt = new Interrupt(grace);
    try {
      interrupt.handle("INT");
      interrupt.handle("TERM");
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      // Another virtual machine, or -Xrs.
      Runtime.getRuntime().addShutdownHook(new Thread(interrupt::come, "troupe-interrupt"));
    }
    return interrupt;
  }

  /**
   * A hook would not do: with the first one others run, and Akka's ends the connections to other
   * nodes at once. The class has no other name than this one, at which compilers warn.
   */
  private void handle(String signal) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    Object own =
        Proxy.newProxyInstance(
            handler.getClassLoader(),
            new Class<?>[] {handler},
            (proxy, method, arguments) -> {
              if (method.getName().equals("handle")) {
                new Thread(this::come, "troupe-interrupt").start();
              }
              return null;
            });
    type.getMethod("handle", type, handler)
        .invoke(null, type.getConstructor(String.class).newInstance(signal), own);
  }

  /** Who is asked, with a reason and the grace. */
  void attach(BiConsumer<String, Duration> asked) {
    run = asked;
    if (hasCome) {
      ask(); // It came before there was anybody to ask.
    }
  }

  /** All is over and closed; from here on nothing is waited for. */
  void settle(int code) {
    exitCode = code;
    settled.countDown();
  }

  private void ask() {
    run.accept("The run was interrupted.", grace);
  }

  private void come() {
    if (settled.getCount() == 0 || hasCome) {
      Runtime.getRuntime().halt(hasCome ? AT_ONCE : exitCode); // Asked again, it does not wait.
      return;
    }
    hasCome = true;
    ask();
    try {
      if (settled.await(grace.plus(CLOSING).toMillis(), TimeUnit.MILLISECONDS)) {
        Runtime.getRuntime().halt(exitCode);
      }
      // Whatever still computes is lost; the checkpoints are not.
      Runtime.getRuntime().halt(AT_ONCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
