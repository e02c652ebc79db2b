package dev.troupe.runtime.lock;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A directory held by one process. The operating system lets go of it when the process ends,
 * however it ends; the file {@code lock}, which names the holder, stays and means nothing by
 * itself.
 */
public final class DirectoryLock implements AutoCloseable {
  private static final String NAME = "lock";

  /**
   * Directories held by this process. To open and close a file that the process has locked would
   * unlock it, so it is not touched a second time.
   */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private DirectoryLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /**
   * Takes a directory that exists.
   *
   * @throws HeldException if this or another process has it; nothing is written then
   * @throws IOException if the file cannot be written
   */
  public static DirectoryLock take(Path directory) throws IOException {
    Path real = directory.toRealPath();
    if (!OWN.add(real)) {
      throw new HeldException(signature());
    }
    try {
      return new DirectoryLock(real, lock(real.resolve(NAME)));
    } catch (IOException | RuntimeException e) {
      OWN.remove(real);
      throw e;
    }
  }

  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        String holder = Files.readString(file);
        throw new HeldException(holder.isBlank() ? "another process" : holder);
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(signature().getBytes(StandardCharsets.UTF_8)), 0);
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether a process has a directory at this moment. */
  public static boolean isHeld(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return false;
    }
    if (OWN.contains(directory.toRealPath())) {
      return true;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    }
  }

  private static String signature() {
    return "process %d on %s".formatted(ProcessHandle.current().pid(), host());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a host without a name";
    }
  }

  /** Lets others have the directory. */
  @Override
  public void close() throws IOException {
    channel.close();
    OWN.remove(directory);
  }
}
