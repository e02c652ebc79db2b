package dev.troupe.runtime.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class DirectoryLockTest {
  @TempDir private Path directory;

  /** How this process signs. */
  public static String ownName() {
    try {
      return "process %d on %s"
          .formatted(ProcessHandle.current().pid(), InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Holds a directory until its input ends. */
  static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (DirectoryLock lock = DirectoryLock.take(Path.of(arguments[0]))) {
        System.out.println(lock);
        while (System.in.read() >= 0) {
          continue;
        }
      }
    }
  }

  @Test
  void aSecondTakerOfThisProcessIsRefusedAndTheFirstKeepsIt() throws IOException {
    try (DirectoryLock first = DirectoryLock.take(directory)) {
      assertNotNull(first);
      for (int i = 0; i < 2; i++) {
        var held = assertThrows(HeldException.class, () -> DirectoryLock.take(directory));
        assertEquals(ownName(), held.holder());
        assertTrue(DirectoryLock.isHeld(directory));
      }
      assertEquals(ownName(), Files.readString(directory.resolve("lock")));
    }
    assertFalse(DirectoryLock.isHeld(directory));
    DirectoryLock.take(directory).close();
  }

  @Test
  void anotherProcessHoldsItUntilItIsKilled() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Holder.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader said = other.inputReader()) {
      said.readLine();
      assertTrue(DirectoryLock.isHeld(directory));

      var held = assertThrows(HeldException.class, () -> DirectoryLock.take(directory));

      assertTrue(held.holder().startsWith("process " + other.pid() + " on "), held.holder());
    } finally {
      other.destroyForcibly();
      assertTrue(other.waitFor(10, TimeUnit.SECONDS), "the other process does not end");
    }
    assertFalse(DirectoryLock.isHeld(directory));
    DirectoryLock.take(directory).close();
  }

  @Test
  void aDirectoryThatWasNeverHeldIsFree() throws IOException {
    assertFalse(DirectoryLock.isHeld(directory));
  }
}
